# Français

language-name = Français
direction = ltr

# Champs
field-login = Nom d’utilisateur ou adresse e-mail
field-user-code = Code
field-user-code-hint = L’appareil l’affiche : huit lettres, par exemple BCDF-GHJK.
field-username = Nom d’utilisateur
field-username-hint = Lettres, chiffres et . _ - +
field-email = Adresse e-mail
field-email-hint = Facultatif. Elle permet aussi de se connecter.
field-email-hint-needed = Elle permet aussi de se connecter.
field-password = Mot de passe
field-current-password = Mot de passe actuel
field-new-password = Nouveau mot de passe
field-new-password-hint = Au moins { $count } caractères. Plusieurs mots conviennent très bien ; signes et chiffres ne sont pas nécessaires.
field-language = Langue
field-theme = Apparence
password-show = Afficher
password-hide = Masquer

# Erreurs de champ
fault-empty = Veuillez remplir ce champ.
fault-name-too-long = C’est trop long.
fault-name-character = Seuls les lettres, les chiffres et . _ - + @ sont possibles ici.
fault-not-an-email = Ce n’est pas une adresse e-mail.
fault-password-too-short = Utilisez au moins { $count } caractères.
fault-password-too-long = Utilisez au plus 256 caractères.
fault-password-common = C’est l’un des mots de passe les plus courants ; les attaquants les essaient en premier.
fault-password-own-name = C’est trop proche de votre nom d’utilisateur ou de votre adresse e-mail.
fault-taken = Déjà pris.
fault-not-invited = L’invitation est destinée à une autre adresse.
fault-anothers-address = Un nom d’utilisateur avec @ doit être votre adresse e-mail.
fault-email-yours = C’est déjà votre adresse.
faults-title = Veuillez vérifier votre saisie

# Attente
wait-seconds = { $count ->
    [one] Vous pourrez réessayer dans une seconde.
   *[other] Vous pourrez réessayer dans { $count } secondes.
}
wait-minutes = { $count ->
    [one] Vous pourrez réessayer dans une minute.
   *[other] Vous pourrez réessayer dans { $count } minutes.
}

# Pages
skip = Aller au contenu
sign-in-title = Se connecter
onward-to = Pour continuer vers { $application }
sign-in-button = Se connecter
sign-in-other = Première visite ?
sign-in-other-link = Créer un compte
sign-in-forgotten = Mot de passe oublié ?
register-title = Créer un compte
register-button = Créer le compte
register-other = Vous avez déjà un compte ?
register-other-link = Se connecter
register-closed = Les comptes sont créés par la personne qui gère ce serveur.
register-invitation = Si vous avez été invité, ouvrez le lien de l’invitation.
invitation-text = Vous êtes invité à rejoindre { $site }.
invitation-address = L’invitation est destinée à cette adresse.
check-mail-title = Consultez vos e-mails
without-mail = La personne qui gère ce serveur peut vous aider.
to-sign-in = Aller à la page de connexion
to-account = Aller à votre compte

recover-title = Mot de passe oublié
recover-text = Nous envoyons un lien à l’adresse e-mail confirmée de votre compte. Il vous permet de choisir un nouveau mot de passe.
recover-button = Envoyer le lien
reset-title = Choisir un nouveau mot de passe
reset-text = Vous serez déconnecté de tous les appareils.
reset-button = Enregistrer le mot de passe
confirm-title = Confirmer votre adresse e-mail
confirm-text = Est-ce votre adresse, et la voulez-vous dans ce compte ?
confirm-button = Confirmer l’adresse
confirm-not-you = Si cela ne vous dit rien, fermez simplement cette page : il ne se passera rien.
confirm-taken = Elle est confirmée dans un autre compte et y reste. S’il est aussi à vous, connectez-vous à celui-là.
link-recover = Ces liens servent une seule fois et quelques minutes seulement. Vous pouvez en demander un autre.
link-confirm = Ces liens servent une seule fois et pour une durée limitée. Votre compte indique si l’adresse est confirmée ; vous pouvez y demander un autre lien.
link-invitation = Les invitations servent une seule fois et pour une durée limitée. Demandez-en une autre à qui vous a invité.
link-setup = Ces liens servent une seule fois, pendant une demi-heure. Si vous gérez ce serveur, créez-en un autre avec la commande : tokenhouse admin setup-link
setup-title = Configurer ce serveur
setup-text = Ceci crée le compte du premier administrateur. Ensuite, le lien ne vaut plus rien.
setup-email-hint = Pour un mot de passe oublié et pour les avis. Elle permet aussi de se connecter.
setup-button = Créer le compte
setup-closed = Il existe déjà un compte administrateur, qui permet de se connecter.
logout-title = Se déconnecter
logout-text = Voulez-vous vous déconnecter sur cet appareil ?
logout-button = Se déconnecter
logout-stay = Rester connecté

consent-title = { $application } demande un accès
signed-in-as = Vous êtes connecté en tant que { $username }.
consent-asked = Si vous acceptez, { $application } pourra :
consent-granted = C’est déjà autorisé :
consent-leads = Vous irez ensuite vers { $address }.
consent-policy = Politique de confidentialité de { $application }
consent-terms = Conditions d’utilisation de { $application }
consent-allow = Accepter
consent-deny = Refuser
consent-note = Vous pouvez revenir là-dessus à tout moment : dans votre compte, sous « Applications connectées ».
consent-other = Utiliser un autre compte
scope-openid = vous reconnaître à la connexion
scope-profile = voir votre nom et votre profil
scope-email = voir votre adresse e-mail
scope-address = voir votre adresse postale
scope-phone = voir votre numéro de téléphone
scope-groups = voir à quels groupes vous appartenez
scope-offline-access = le faire aussi en votre absence
form-post-title = Vers { $application }
form-post-text = Si rien ne se passe, appuyez sur le bouton.
form-post-button = Continuer
end-session-text = Une application demande si vous voulez aussi vous déconnecter ici.
end-session-named = { $application } demande si vous voulez aussi vous déconnecter ici.
signed-out-text = Les applications auxquelles vous vous étiez connecté depuis ici en sont informées :
application-error-title = Il y a un problème avec l’application
application-error-help = Votre compte n’est pas en cause. La personne qui gère l’application peut vous aider.
application-unknown = L’application qui vous a envoyé ici est inconnue de ce serveur.
application-disabled = L’application qui vous a envoyé ici est désactivée.
application-address = L’application veut vous diriger vers une adresse qui n’est pas enregistrée pour elle. Vous restez donc ici.
application-request = La demande de l’application est illisible.
device-title = Se connecter sur un appareil
device-button = Continuer
device-compare = L’appareil affiche-t-il exactement ce code ?
device-since = Demandé
device-agent = Appareil
device-warning = Ne continuez que si vous avez commencé vous-même, sur un appareil qui est devant vous. Si quelqu’un vous a envoyé ce code ou cette adresse, refusez : il aurait accès à votre compte.
application-expired = La demande de l’application n’est plus valable. Retournez à l’application et recommencez.

account-title = Votre compte
account-back = Retour à votre compte
profile-title = Profil
profile-since = Membre depuis
profile-no-email = aucune
profile-confirmed = confirmée
profile-unconfirmed = pas encore confirmée
profile-pending = Nouvelle adresse e-mail
profile-follow = Pour confirmer l’adresse, suivez le lien de l’e-mail que nous y avons envoyé.
profile-administrator = Administration
email-link = Changer l’adresse e-mail
email-link-first = Ajouter une adresse e-mail
email-again = Renvoyer l’e-mail
email-withdraw = Retirer la nouvelle adresse
email-title = Votre adresse e-mail
email-now = Actuelle
email-new = Nouvelle adresse e-mail
email-text = Nous envoyons un lien à la nouvelle adresse. Elle est valable dès que vous l’avez suivi ; d’ici là, rien ne change.
email-button = Envoyer le lien
password-title = Mot de passe
password-text = Un mot de passe que vous n’utilisez nulle part ailleurs vous protège le mieux.
password-link = Changer le mot de passe
password-page-title = Changer le mot de passe
password-others = Tous les autres appareils seront déconnectés.
password-button = Changer le mot de passe
sessions-title = Appareils
sessions-text = Voyez où vous êtes connecté et déconnectez ce que vous ne reconnaissez pas.
sessions-link = Voir les appareils
sessions-current = Cet appareil
sessions-unknown = Appareil inconnu
sessions-device = { $program } sur { $system }
sessions-opened = Connexion
sessions-used = Dernière utilisation
sessions-address = Adresse
sessions-end = Déconnecter
sessions-end-others = Déconnecter tous les autres appareils
sessions-alone = Vous n’êtes connecté nulle part ailleurs.
sessions-more = Afficher la suite
applications-title = Applications connectées
applications-text = Les applications auxquelles vous vous êtes connecté avec ce compte. Déconnectez celles que vous n’utilisez plus.
applications-link = Voir les applications
applications-none = Aucune application n’est connectée à votre compte.
applications-since = Connectée depuis
applications-used = Dernière utilisation
applications-may = Elle peut :
applications-disconnect = Déconnecter
preferences-button = Appliquer
theme-auto = Comme l’appareil
theme-light = Clair
theme-dark = Sombre
data-title = Vos données
data-text = Tout ce qui est enregistré à votre sujet, dans un fichier lisible par des programmes.
data-button = Télécharger mes données
delete-title = Supprimer le compte
delete-text = Votre compte et tout son contenu disparaissent définitivement.
delete-link = Supprimer le compte
delete-warning = Cette action est irréversible. Votre profil, vos données et vos appareils sont supprimés immédiatement.
delete-button = Supprimer définitivement mon compte
delete-in-days = { $count ->
    [one] Votre compte sera supprimé dans un jour, et vous êtes déconnecté immédiatement. D’ici là, vous pouvez vous connecter et le conserver ; ensuite, il disparaît définitivement.
   *[other] Votre compte sera supprimé dans { $count } jours, et vous êtes déconnecté immédiatement. D’ici là, vous pouvez vous connecter et le conserver ; ensuite, il disparaît définitivement.
}
delete-in-hours = { $count ->
    [one] Votre compte sera supprimé dans une heure, et vous êtes déconnecté immédiatement. D’ici là, vous pouvez vous connecter et le conserver ; ensuite, il disparaît définitivement.
   *[other] Votre compte sera supprimé dans { $count } heures, et vous êtes déconnecté immédiatement. D’ici là, vous pouvez vous connecter et le conserver ; ensuite, il disparaît définitivement.
}
leaving-title = Ce compte va être supprimé
leaving-text = Vous l’avez demandé. D’ici là, vous pouvez changer d’avis.
leaving-at = Supprimé à partir du
leaving-keep = Conserver mon compte
cancel = Annuler

# Ce qui est fait
said-welcome = Bienvenue ! Votre compte est prêt.
said-password-changed = Votre mot de passe est changé. Tous les autres appareils sont déconnectés.
said-device-ended = L’appareil est déconnecté.
said-others-ended = Tous les autres appareils sont déconnectés.
said-signed-out = Vous êtes déconnecté.
said-session-ended = Votre session est terminée. Veuillez vous reconnecter.
said-deleted = Votre compte est supprimé.
said-deletion-scheduled = Vous êtes déconnecté et votre compte va être supprimé. Pour le conserver, connectez-vous avant.
said-kept = Votre compte reste tel qu’il est.
said-password-reset = Votre nouveau mot de passe est enregistré. Connectez-vous avec lui.
said-recovery-asked = S’il existe un compte à ce nom avec une adresse e-mail confirmée, un e-mail est en route. S’il n’arrive pas, regardez parmi les courriers indésirables ou essayez un autre nom.
said-confirmation-sent = Un e-mail contenant un lien est en route vers votre adresse. Suivez le lien pour confirmer l’adresse. S’il n’arrive pas, regardez parmi les courriers indésirables.
said-email-confirmed = Votre adresse e-mail est confirmée.
said-email-withdrawn = La nouvelle adresse est retirée.
said-set-up = Ce serveur est configuré et vous l’administrez.
said-sign-in-again = Veuillez vous connecter une nouvelle fois pour continuer.
said-other-account = Connectez-vous avec le compte que vous voulez utiliser.
said-application-disconnected = L’application est déconnectée.
said-device-allowed = C’est fait. Vous pouvez continuer sur l’appareil.
said-device-denied = Refusé. L’appareil n’obtient aucun accès.

# Ce qui a mal tourné en chemin
form-again = Ce formulaire est resté ouvert trop longtemps ou dans une autre fenêtre. Veuillez l’envoyer à nouveau.
form-cookie-lost = Votre navigateur n’a pas renvoyé notre cookie. Autorisez les cookies pour { $host } et réessayez. Si l’adresse ci-dessus commence par http:// et non par https://, le navigateur l’a rejeté : utilisez l’adresse https.
form-cross-site = Ce formulaire venait d’un autre site ; rien n’a donc été fait.
elsewhere-title = Mauvaise adresse
elsewhere-text = Ce serveur est configuré pour une adresse et vous êtes venu par une autre. La connexion ne fonctionnerait pas ici.
elsewhere-seen = Vous êtes venu par
elsewhere-expected = Il est configuré pour
elsewhere-link = Aller à la bonne adresse
elsewhere-operator = Si vous gérez ce serveur : PUBLIC_URL doit être l’adresse que les gens saisissent.
plain-title = Cette connexion n’est pas protégée
plain-text = Vous avez atteint { $host } par http. D’autres pourraient lire votre mot de passe, et le navigateur rejetterait le cookie qui vous garde connecté.
plain-link = Essayer https
plain-operator = Si vous gérez ce serveur : placez devant lui un proxy qui parle TLS, donnez à PUBLIC_URL son adresse https et inscrivez-le dans TRUSTED_PROXIES. Sur une seule machine, http://localhost fonctionne sans cela.
error-back = Au début
error-request = Requête
error-retry = Réessayer

# Problèmes
problem-access-denied = Vous n’avez pas accès à cette page
problem-account-locked = Ce compte est verrouillé
problem-bad-proxy-request = Le proxy ne dit pas sur quoi porte sa question
problem-conflict = Le compte a changé entre-temps ; connectez-vous et réessayez
problem-database-unavailable = La base de données est injoignable pour le moment
problem-deadline-exceeded = La requête a pris trop de temps
problem-email-not-verified = L’adresse e-mail n’est pas encore confirmée
problem-email-taken = Cette adresse e-mail est déjà prise
problem-internal-error = Quelque chose s’est mal passé ici
problem-invalid-credentials = Nom d’utilisateur ou mot de passe incorrect
problem-invalid-request = La requête n’est pas valide
problem-invalid-token = Le jeton de session n’est pas valide
problem-invitation-required = Une invitation est nécessaire pour s’inscrire
problem-last-administrator = Le dernier compte administrateur ne peut pas être supprimé
problem-link-expired = Ce lien a expiré
problem-link-unknown = Ce lien n’est pas connu ici
problem-link-used = Ce lien a déjà servi
problem-mail-not-configured = Ce serveur n’envoie pas d’e-mails
problem-malformed = Le contenu est illisible
problem-method-not-allowed = Cette adresse ne connaît pas cette méthode
problem-missing-token = Un jeton de session est nécessaire
problem-not-found = Il n’y a rien à cette adresse
problem-not-ready = Ce processus démarre ou s’arrête
problem-nothing-to-confirm = Il n’y a pas d’adresse e-mail à confirmer
problem-overloaded = Trop de personnes se connectent en ce moment
problem-precondition-failed = Une autre version est enregistrée
problem-proxy-not-trusted = Seul un proxy auquel ce serveur fait confiance peut demander cela
problem-rate-limited = Trop de tentatives
problem-registration-closed = Les inscriptions sont fermées
problem-session-not-found = Cette session n’existe pas
problem-setup-closed = Ce serveur est déjà configuré
problem-sign-in-needed = Connectez-vous d’abord
problem-too-large = Le contenu est trop volumineux
problem-unknown-service = Ce serveur ne connecte personne pour cette adresse
problem-unsupported-media-type = Ce type de contenu n’est pas accepté
problem-user-code-unknown = Ce code est inconnu ou n’est plus valable
problem-username-taken = Ce nom d’utilisateur est déjà pris
problem-wrong-password = Le mot de passe est incorrect

# La boîte d’envoi, pour le développement
outbox-title = E-mails
outbox-text = Aucun serveur de messagerie n’est configuré ; les e-mails restent donc ici, où vous pouvez les lire. Seule cette machine voit cette page.
outbox-empty = Aucun e-mail n’a encore été écrit.
outbox-older = E-mails plus anciens
outbox-back = Tous les e-mails
outbox-to = À
outbox-at = Écrit
outbox-html = Afficher en HTML

# E-mails
mail-confirm-subject = Confirmez votre adresse pour { $site }
mail-confirm-text = Cette adresse a été indiquée pour un compte chez { $site }. Veuillez confirmer que c’est la vôtre.
mail-confirm-button = Confirmer l’adresse
mail-confirm-note = Si vous n’êtes au courant de rien, vous n’avez rien à faire.
mail-recover-subject = Choisissez un nouveau mot de passe pour { $site }
mail-recover-text = Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour votre compte chez { $site }.
mail-recover-button = Choisir un nouveau mot de passe
mail-recover-note = Si ce n’était pas vous, vous n’avez rien à faire : votre mot de passe reste le même. Ne transmettez jamais ce lien.
mail-password-changed-subject = Votre mot de passe pour { $site } a été changé
mail-password-changed-text = Le mot de passe de votre compte chez { $site } a été changé. Tous les autres appareils ont été déconnectés.
mail-password-changed-note = Si ce n’était pas vous, choisissez maintenant un nouveau mot de passe.
mail-new-device-subject = Nouvelle connexion à votre compte chez { $site }
mail-new-device-text = Quelqu’un s’est connecté à votre compte chez { $site } avec le bon mot de passe, sur un appareil inconnu jusqu’ici.
mail-new-device-note = Si c’était vous, tout va bien. Sinon, changez maintenant votre mot de passe : tous les autres appareils seront déconnectés.
mail-new-device-button = Changer le mot de passe
mail-address-changed-subject = L’adresse de votre compte chez { $site } a été changée
mail-address-changed-text = Votre compte chez { $site } a une nouvelle adresse e-mail.
mail-address-changed-note = Si ce n’était pas vous, connectez-vous et changez maintenant votre mot de passe. Si vous ne pouvez pas vous connecter, adressez-vous aux responsables de { $site }.
mail-address-changed-button = Vers votre compte
mail-deletion-scheduled-subject = Votre compte chez { $site } va être supprimé
mail-deletion-scheduled-text = Comme demandé, votre compte chez { $site } va être supprimé avec tout son contenu. Tous les appareils ont été déconnectés.
mail-deletion-scheduled-note = D’ici là, vous pouvez changer d’avis : connectez-vous et gardez votre compte. Si la demande ne venait pas de vous, changez aussi votre mot de passe.
mail-deletion-scheduled-button = Garder mon compte
mail-account-deleted-subject = Votre compte chez { $site } est supprimé
mail-account-deleted-text = Votre compte chez { $site } est supprimé avec tout son contenu.
mail-account-deleted-note = Si la demande ne venait pas de vous, écrivez aux responsables de { $site }.
mail-invitation-subject = Vous êtes invité à rejoindre { $site }
mail-invitation-text = Vous êtes invité à créer un compte chez { $site }.
mail-invitation-button = Créer un compte
mail-invitation-note = Si vous ne le souhaitez pas, vous n’avez rien à faire.
mail-link-once = Le lien ne sert qu’une fois, et pendant { $time }.
mail-link-copy = Si le bouton ne fonctionne pas, ouvrez cette adresse :
mail-minutes = { $count ->
    [one] une minute
   *[other] { $count } minutes
}
mail-hours = { $count ->
    [one] une heure
   *[other] { $count } heures
}
mail-days = { $count ->
    [one] un jour
   *[other] { $count } jours
}
mail-fact-account = Compte
mail-fact-email = Nouvelle adresse
mail-fact-device = Appareil
mail-fact-address = Adresse réseau
mail-fact-at = Date
mail-fact-until = Suppression
mail-foot = { $site } a envoyé cet e-mail automatiquement. Les réponses ne sont pas lues.
