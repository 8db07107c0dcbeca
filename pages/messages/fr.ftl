# Français

language-name = Français
direction = ltr

# Champs
field-login = Nom d’utilisateur ou adresse e-mail
field-username = Nom d’utilisateur
field-username-hint = Lettres, chiffres et . _ - +
field-email = Adresse e-mail
field-email-hint = Facultatif. Elle permet aussi de se connecter.
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
sign-in-button = Se connecter
sign-in-other = Première visite ?
sign-in-other-link = Créer un compte
register-title = Créer un compte
register-button = Créer le compte
register-other = Vous avez déjà un compte ?
register-other-link = Se connecter
logout-title = Se déconnecter
logout-text = Voulez-vous vous déconnecter sur cet appareil ?
logout-button = Se déconnecter
logout-stay = Rester connecté

account-title = Votre compte
account-back = Retour à votre compte
profile-title = Profil
profile-since = Membre depuis
profile-no-email = aucune
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
cancel = Annuler

# Ce qui est fait
said-welcome = Bienvenue ! Votre compte est prêt.
said-password-changed = Votre mot de passe est changé. Tous les autres appareils sont déconnectés.
said-device-ended = L’appareil est déconnecté.
said-others-ended = Tous les autres appareils sont déconnectés.
said-signed-out = Vous êtes déconnecté.
said-session-ended = Votre session est terminée. Veuillez vous reconnecter.
said-deleted = Votre compte est supprimé.

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
problem-account-locked = Ce compte est verrouillé
problem-conflict = Le compte a changé entre-temps ; connectez-vous et réessayez
problem-database-unavailable = La base de données est injoignable pour le moment
problem-deadline-exceeded = La requête a pris trop de temps
problem-email-taken = Cette adresse e-mail est déjà prise
problem-internal-error = Quelque chose s’est mal passé ici
problem-invalid-credentials = Nom d’utilisateur ou mot de passe incorrect
problem-invalid-request = La requête n’est pas valide
problem-invalid-token = Le jeton de session n’est pas valide
problem-malformed = Le contenu est illisible
problem-method-not-allowed = Cette adresse ne connaît pas cette méthode
problem-missing-token = Un jeton de session est nécessaire
problem-not-found = Il n’y a rien à cette adresse
problem-not-ready = Ce processus démarre ou s’arrête
problem-overloaded = Trop de personnes se connectent en ce moment
problem-precondition-failed = Une autre version est enregistrée
problem-rate-limited = Trop de tentatives
problem-session-not-found = Cette session n’existe pas
problem-too-large = Le contenu est trop volumineux
problem-unsupported-media-type = Ce type de contenu n’est pas accepté
problem-username-taken = Ce nom d’utilisateur est déjà pris
problem-wrong-password = Le mot de passe est incorrect
