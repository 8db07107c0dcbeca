# Deutsch

language-name = Deutsch
direction = ltr

# Felder
field-login = Benutzername oder E-Mail-Adresse
field-user-code = Code
field-user-code-hint = Das Gerät zeigt ihn an: acht Buchstaben, zum Beispiel BCDF-GHJK.
field-username = Benutzername
field-username-hint = Buchstaben, Ziffern und . _ - +
field-email = E-Mail-Adresse
field-email-hint = Freiwillig. Sie können sich auch damit anmelden.
field-email-hint-needed = Sie können sich auch damit anmelden.
field-password = Passwort
field-current-password = Aktuelles Passwort
field-new-password = Neues Passwort
field-new-password-hint = Mindestens { $count } Zeichen. Mehrere Wörter sind gut; Sonderzeichen und Ziffern braucht es nicht.
field-language = Sprache
field-theme = Darstellung
password-show = Zeigen
password-hide = Verbergen

# Fehler in Feldern
fault-empty = Bitte ausfüllen.
fault-name-too-long = Das ist zu lang.
fault-name-character = Hier sind nur Buchstaben, Ziffern und . _ - + @ möglich.
fault-not-an-email = Das ist keine E-Mail-Adresse.
fault-password-too-short = Mindestens { $count } Zeichen.
fault-password-too-long = Höchstens 256 Zeichen.
fault-password-common = Das ist eines der häufigsten Passwörter; Angreifer versuchen diese zuerst.
fault-password-own-name = Das ähnelt zu sehr Ihrem Benutzernamen oder Ihrer E-Mail-Adresse.
fault-taken = Das ist schon vergeben.
fault-not-invited = Die Einladung gilt für eine andere Adresse.
fault-anothers-address = Ein Benutzername mit @ muss Ihre E-Mail-Adresse sein.
fault-email-yours = Das ist schon Ihre Adresse.
faults-title = Bitte prüfen Sie Ihre Eingaben

# Warten
wait-seconds = { $count ->
    [one] Sie können es in einer Sekunde wieder versuchen.
   *[other] Sie können es in { $count } Sekunden wieder versuchen.
}
wait-minutes = { $count ->
    [one] Sie können es in einer Minute wieder versuchen.
   *[other] Sie können es in { $count } Minuten wieder versuchen.
}

# Seiten
skip = Zum Inhalt
sign-in-title = Anmelden
onward-to = Weiter zu { $application }
sign-in-button = Anmelden
sign-in-other = Neu hier?
sign-in-other-link = Konto anlegen
sign-in-forgotten = Passwort vergessen?
register-title = Konto anlegen
register-button = Konto anlegen
register-other = Haben Sie schon ein Konto?
register-other-link = Anmelden
register-closed = Konten legt an, wer diesen Server betreibt.
register-invitation = Wenn Sie eingeladen wurden, öffnen Sie den Link in der Einladung.
invitation-text = Sie sind zu { $site } eingeladen.
invitation-address = Die Einladung gilt für diese Adresse.
check-mail-title = Sehen Sie in Ihr Postfach
without-mail = Wer diesen Server betreibt, kann Ihnen helfen.
to-sign-in = Zur Anmeldung
to-account = Zu Ihrem Konto

recover-title = Passwort vergessen
recover-text = Wir senden einen Link an die bestätigte E-Mail-Adresse Ihres Kontos. Damit können Sie ein neues Passwort wählen.
recover-button = Link senden
reset-title = Neues Passwort wählen
reset-text = Sie werden auf allen Geräten abgemeldet.
reset-button = Passwort speichern
confirm-title = E-Mail-Adresse bestätigen
confirm-text = Ist das Ihre Adresse, und soll sie zu diesem Konto gehören?
confirm-button = Adresse bestätigen
confirm-not-you = Wenn Sie davon nichts wissen, schließen Sie diese Seite einfach. Dann geschieht nichts.
confirm-taken = Sie ist in einem anderen Konto bestätigt und bleibt dort. Wenn auch das Ihres ist, melden Sie sich dort an.
link-recover = Solche Links gelten einmal und nur wenige Minuten. Sie können sich einen neuen senden lassen.
link-confirm = Solche Links gelten einmal und nur begrenzte Zeit. Ihr Konto zeigt, ob die Adresse bestätigt ist; von dort können Sie sich einen neuen Link senden lassen.
link-invitation = Einladungen gelten einmal und nur begrenzte Zeit. Bitten Sie um eine neue.
link-setup = Solche Links gelten einmal und eine halbe Stunde. Wenn Sie diesen Server betreiben, erzeugen Sie einen neuen mit dem Befehl: tokenhouse admin setup-link
setup-title = Server einrichten
setup-text = Damit entsteht das Konto der ersten Administratorin oder des ersten Administrators. Danach ist der Link wertlos.
setup-email-hint = Für ein vergessenes Passwort und für Hinweise. Sie können sich auch damit anmelden.
setup-button = Konto anlegen
setup-closed = Es gibt schon ein Administratorkonto; damit kann man sich anmelden.
logout-title = Abmelden
logout-text = Möchten Sie sich auf diesem Gerät abmelden?
logout-button = Abmelden
logout-stay = Angemeldet bleiben

consent-title = { $application } bittet um Zugriff
signed-in-as = Sie sind als { $username } angemeldet.
consent-asked = Wenn Sie zustimmen, darf { $application }:
consent-granted = Schon jetzt ist erlaubt:
consent-leads = Danach geht es weiter zu { $address }.
consent-policy = Datenschutzerklärung von { $application }
consent-terms = Nutzungsbedingungen von { $application }
consent-allow = Zustimmen
consent-deny = Ablehnen
consent-note = Sie können das jederzeit widerrufen: in Ihrem Konto unter „Verbundene Anwendungen“.
consent-other = Anderes Konto verwenden
scope-openid = Sie bei der Anmeldung wiedererkennen
scope-profile = Ihren Namen und Ihr Profil sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-address = Ihre Postanschrift sehen
scope-phone = Ihre Telefonnummer sehen
scope-groups = sehen, in welchen Gruppen Sie sind
scope-offline-access = das auch tun, wenn Sie gerade nicht da sind
form-post-title = Weiter zu { $application }
form-post-text = Wenn nichts geschieht, drücken Sie auf die Schaltfläche.
form-post-button = Weiter
end-session-text = Eine Anwendung fragt, ob Sie sich auch hier abmelden möchten.
end-session-named = { $application } fragt, ob Sie sich auch hier abmelden möchten.
signed-out-text = Diesen Anwendungen, bei denen Sie sich von hier aus angemeldet haben, wird es mitgeteilt:
application-error-title = Mit der Anwendung stimmt etwas nicht
application-error-help = An Ihrem Konto liegt es nicht. Wer die Anwendung betreibt, kann Ihnen helfen.
application-unknown = Die Anwendung, von der Sie kommen, ist diesem Server nicht bekannt.
application-disabled = Die Anwendung, von der Sie kommen, ist abgeschaltet.
application-address = Die Anwendung möchte Sie an eine Adresse weiterleiten, die nicht für sie eingetragen ist. Deshalb bleiben Sie hier.
application-request = Was die Anwendung möchte, ist nicht lesbar.
device-title = An einem Gerät anmelden
device-button = Weiter
device-compare = Zeigt das Gerät genau diesen Code?
device-since = Angefragt
device-agent = Gerät
device-warning = Machen Sie nur weiter, wenn Sie das selbst begonnen haben, an einem Gerät, das vor Ihnen steht. Hat Ihnen jemand diesen Code oder diese Adresse geschickt, lehnen Sie ab: Er bekäme Zugriff auf Ihr Konto.
application-expired = Die Anfrage der Anwendung gilt nicht mehr. Gehen Sie zurück zur Anwendung und beginnen Sie von vorn.

account-title = Ihr Konto
account-back = Zurück zum Konto
profile-title = Profil
profile-since = Mitglied seit
profile-no-email = keine
profile-confirmed = bestätigt
profile-unconfirmed = noch nicht bestätigt
profile-pending = Neue E-Mail-Adresse
profile-follow = Um die Adresse zu bestätigen, folgen Sie dem Link in der E-Mail, die wir dorthin gesandt haben.
profile-administrator = Administration
email-link = E-Mail-Adresse ändern
email-link-first = E-Mail-Adresse angeben
email-again = E-Mail noch einmal senden
email-withdraw = Neue Adresse zurückziehen
email-title = Ihre E-Mail-Adresse
email-now = Bisher
email-new = Neue E-Mail-Adresse
email-text = Wir senden einen Link an die neue Adresse. Sie gilt, sobald Sie ihm gefolgt sind; bis dahin ändert sich nichts.
email-button = Link senden
password-title = Passwort
password-text = Ein Passwort, das Sie nirgends sonst verwenden, schützt am besten.
password-link = Passwort ändern
password-page-title = Passwort ändern
password-others = Alle anderen Geräte werden abgemeldet.
password-button = Passwort ändern
sessions-title = Geräte
sessions-text = Sehen Sie, wo Sie angemeldet sind, und melden Sie ab, was Sie nicht kennen.
sessions-link = Geräte zeigen
sessions-current = Dieses Gerät
sessions-unknown = Unbekanntes Gerät
sessions-device = { $program } auf { $system }
sessions-opened = Angemeldet
sessions-used = Zuletzt benutzt
sessions-address = Adresse
sessions-end = Abmelden
sessions-end-others = Alle anderen Geräte abmelden
sessions-alone = Sie sind nirgends sonst angemeldet.
sessions-more = Weitere zeigen
applications-title = Verbundene Anwendungen
applications-text = Anwendungen, bei denen Sie sich mit diesem Konto angemeldet haben. Trennen Sie, was Sie nicht mehr benutzen.
applications-link = Anwendungen zeigen
applications-none = Mit Ihrem Konto ist keine Anwendung verbunden.
applications-since = Verbunden seit
applications-used = Zuletzt benutzt
applications-may = Erlaubt ist:
applications-disconnect = Trennen
preferences-button = Übernehmen
theme-auto = Wie das Gerät
theme-light = Hell
theme-dark = Dunkel
data-title = Ihre Daten
data-text = Alles, was über Sie gespeichert ist, als Datei, die Programme lesen können.
data-button = Meine Daten herunterladen
delete-title = Konto löschen
delete-text = Ihr Konto und alles darin verschwindet für immer.
delete-link = Konto löschen
delete-warning = Das lässt sich nicht rückgängig machen. Ihr Profil, Ihre Daten und Ihre Geräte werden sofort gelöscht.
delete-button = Mein Konto endgültig löschen
delete-in-days = { $count ->
    [one] Ihr Konto wird in einem Tag gelöscht; abgemeldet werden Sie sofort. Bis dahin können Sie sich anmelden und es behalten; danach ist es für immer fort.
   *[other] Ihr Konto wird in { $count } Tagen gelöscht; abgemeldet werden Sie sofort. Bis dahin können Sie sich anmelden und es behalten; danach ist es für immer fort.
}
delete-in-hours = { $count ->
    [one] Ihr Konto wird in einer Stunde gelöscht; abgemeldet werden Sie sofort. Bis dahin können Sie sich anmelden und es behalten; danach ist es für immer fort.
   *[other] Ihr Konto wird in { $count } Stunden gelöscht; abgemeldet werden Sie sofort. Bis dahin können Sie sich anmelden und es behalten; danach ist es für immer fort.
}
leaving-title = Dieses Konto wird gelöscht
leaving-text = Sie haben darum gebeten. Bis dahin können Sie es sich anders überlegen.
leaving-at = Gelöscht ab
leaving-keep = Mein Konto behalten
cancel = Abbrechen

# Was getan ist
said-welcome = Willkommen! Ihr Konto ist bereit.
said-password-changed = Ihr Passwort ist geändert. Alle anderen Geräte sind abgemeldet.
said-device-ended = Das Gerät ist abgemeldet.
said-others-ended = Alle anderen Geräte sind abgemeldet.
said-signed-out = Sie sind abgemeldet.
said-session-ended = Ihre Sitzung ist zu Ende. Bitte melden Sie sich wieder an.
said-deleted = Ihr Konto ist gelöscht.
said-deletion-scheduled = Sie sind abgemeldet, und Ihr Konto wird gelöscht. Um es zu behalten, melden Sie sich vorher an.
said-kept = Ihr Konto bleibt, wie es ist.
said-password-reset = Ihr neues Passwort ist gesetzt. Melden Sie sich damit an.
said-recovery-asked = Wenn es ein Konto dieses Namens mit einer bestätigten E-Mail-Adresse gibt, ist eine E-Mail dorthin unterwegs. Kommt keine an, sehen Sie im Ordner für unerwünschte E-Mails nach oder versuchen Sie einen anderen Namen.
said-confirmation-sent = Eine E-Mail mit einem Link ist an Ihre Adresse unterwegs. Folgen Sie dem Link, um die Adresse zu bestätigen. Kommt keine an, sehen Sie im Ordner für unerwünschte E-Mails nach.
said-email-confirmed = Ihre E-Mail-Adresse ist bestätigt.
said-email-withdrawn = Die neue Adresse ist zurückgezogen.
said-set-up = Dieser Server ist eingerichtet, und Sie verwalten ihn.
said-sign-in-again = Bitte melden Sie sich noch einmal an, um fortzufahren.
said-other-account = Melden Sie sich mit dem Konto an, das Sie verwenden möchten.
said-application-disconnected = Die Anwendung ist getrennt.
said-device-allowed = Fertig. Am Gerät geht es weiter.
said-device-denied = Abgelehnt. Das Gerät bekommt keinen Zugriff.

# Was unterwegs schiefging
form-again = Dieses Formular war zu lange oder in einem anderen Fenster offen. Bitte senden Sie es noch einmal.
form-cookie-lost = Ihr Browser hat unser Cookie nicht zurückgesandt. Erlauben Sie Cookies für { $host } und versuchen Sie es noch einmal. Wenn die Adresse oben mit http:// statt mit https:// beginnt, hat der Browser es verworfen: Nehmen Sie die https-Adresse.
form-cross-site = Dieses Formular kam von einer anderen Website; deshalb wurde nichts getan.
elsewhere-title = Falsche Adresse
elsewhere-text = Dieser Server ist für eine Adresse eingerichtet, und Sie kamen über eine andere. Die Anmeldung würde hier nicht gelingen.
elsewhere-seen = Sie kamen über
elsewhere-expected = Eingerichtet ist
elsewhere-link = Zur richtigen Adresse
elsewhere-operator = Wenn Sie diesen Server betreiben: PUBLIC_URL muss die Adresse sein, die Menschen eingeben.
plain-title = Diese Verbindung ist nicht geschützt
plain-text = Sie haben { $host } über http erreicht. Andere könnten Ihr Passwort mitlesen, und der Browser würde das Cookie verwerfen, das Sie angemeldet hält.
plain-link = Mit https versuchen
plain-operator = Wenn Sie diesen Server betreiben: Stellen Sie einen Proxy davor, der TLS spricht, setzen Sie PUBLIC_URL auf dessen https-Adresse und nennen Sie ihn in TRUSTED_PROXIES. Auf einem einzelnen Rechner geht http://localhost auch ohne.
error-back = Zum Anfang
error-request = Anfrage
error-retry = Noch einmal versuchen

# Probleme
problem-access-denied = Sie haben keinen Zugang zu dieser Seite
problem-account-locked = Dieses Konto ist gesperrt
problem-bad-proxy-request = Der Proxy sagt nicht, wonach er fragt
problem-conflict = Das Konto hat sich inzwischen geändert; melden Sie sich an und versuchen Sie es noch einmal
problem-database-unavailable = Die Datenbank ist im Augenblick nicht erreichbar
problem-deadline-exceeded = Die Anfrage hat zu lange gedauert
problem-email-not-verified = Die E-Mail-Adresse ist noch nicht bestätigt
problem-email-taken = Diese E-Mail-Adresse ist vergeben
problem-internal-error = Hier ist etwas schiefgegangen
problem-invalid-credentials = Benutzername oder Passwort ist falsch
problem-invalid-request = Die Anfrage ist nicht gültig
problem-invalid-token = Das Sitzungs-Token ist nicht gültig
problem-invitation-required = Zur Registrierung ist eine Einladung nötig
problem-last-administrator = Das letzte Administratorkonto kann nicht gelöscht werden
problem-link-expired = Dieser Link ist abgelaufen
problem-link-unknown = Dieser Link ist hier nicht bekannt
problem-link-used = Dieser Link wurde schon benutzt
problem-mail-not-configured = Dieser Server versendet keine E-Mails
problem-malformed = Der Inhalt ist nicht lesbar
problem-method-not-allowed = Diese Adresse kennt die Methode nicht
problem-missing-token = Ein Sitzungs-Token ist nötig
problem-not-found = An dieser Adresse ist nichts
problem-not-ready = Dieser Prozess startet gerade oder wird beendet
problem-nothing-to-confirm = Es gibt keine E-Mail-Adresse zu bestätigen
problem-overloaded = Im Augenblick melden sich zu viele an
problem-precondition-failed = Gespeichert ist eine andere Fassung
problem-proxy-not-trusted = Danach darf nur ein Proxy fragen, dem dieser Server vertraut
problem-rate-limited = Zu viele Versuche
problem-registration-closed = Die Registrierung ist geschlossen
problem-session-not-found = Diese Sitzung gibt es nicht
problem-setup-closed = Dieser Server ist schon eingerichtet
problem-sign-in-needed = Bitte melden Sie sich zuerst an
problem-too-large = Der Inhalt ist zu groß
problem-unknown-service = Für diese Adresse meldet dieser Server niemanden an
problem-unsupported-media-type = Diese Art von Inhalt wird nicht angenommen
problem-user-code-unknown = Dieser Code ist nicht bekannt oder nicht mehr gültig
problem-username-taken = Dieser Benutzername ist vergeben
problem-wrong-password = Das Passwort ist falsch

# Der Postausgang, für Entwickler
outbox-title = Mails
outbox-text = Es ist kein Mailserver eingerichtet; deshalb bleiben Mails hier, wo Sie sie lesen können. Nur dieser Rechner sieht diese Seite.
outbox-empty = Noch ist keine Mail geschrieben.
outbox-older = Ältere Mails
outbox-back = Alle Mails
outbox-to = An
outbox-at = Geschrieben
outbox-html = Als HTML zeigen

# Mails
mail-confirm-subject = Bestätigen Sie Ihre Adresse für { $site }
mail-confirm-text = Diese Adresse wurde für ein Konto bei { $site } angegeben. Bitte bestätigen Sie, dass es Ihre ist.
mail-confirm-button = Adresse bestätigen
mail-confirm-note = Wenn Sie davon nichts wissen, brauchen Sie nichts zu tun.
mail-recover-subject = Neues Passwort für { $site } setzen
mail-recover-text = Jemand, vermutlich Sie, hat um ein neues Passwort für Ihr Konto bei { $site } gebeten.
mail-recover-button = Neues Passwort setzen
mail-recover-note = Wenn Sie es nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist. Geben Sie den Link niemals weiter.
mail-password-changed-subject = Ihr Passwort für { $site } wurde geändert
mail-password-changed-text = Das Passwort Ihres Kontos bei { $site } wurde geändert. Alle anderen Geräte wurden abgemeldet.
mail-password-changed-note = Wenn Sie es nicht waren, setzen Sie jetzt ein neues Passwort.
mail-new-device-subject = Neue Anmeldung bei Ihrem Konto bei { $site }
mail-new-device-text = Jemand hat sich mit dem richtigen Passwort bei Ihrem Konto bei { $site } angemeldet, auf einem Gerät, das nicht bekannt war.
mail-new-device-note = Wenn Sie es waren, ist alles gut. Wenn nicht, ändern Sie jetzt Ihr Passwort: Damit werden alle anderen Geräte abgemeldet.
mail-new-device-button = Passwort ändern
mail-address-changed-subject = Die Adresse Ihres Kontos bei { $site } wurde geändert
mail-address-changed-text = Ihr Konto bei { $site } hat eine neue E-Mail-Adresse.
mail-address-changed-note = Wenn Sie es nicht waren, melden Sie sich an und ändern Sie jetzt Ihr Passwort. Wenn Sie sich nicht anmelden können, fragen Sie die Betreiber von { $site }.
mail-address-changed-button = Zum Konto
mail-deletion-scheduled-subject = Ihr Konto bei { $site } wird gelöscht
mail-deletion-scheduled-text = Wie gewünscht wird Ihr Konto bei { $site } mit allem darin gelöscht. Alle Geräte wurden abgemeldet.
mail-deletion-scheduled-note = Bis dahin können Sie es sich anders überlegen: Melden Sie sich an und behalten Sie Ihr Konto. Wenn nicht Sie es wollten, ändern Sie auch Ihr Passwort.
mail-deletion-scheduled-button = Konto behalten
mail-account-deleted-subject = Ihr Konto bei { $site } ist gelöscht
mail-account-deleted-text = Ihr Konto bei { $site } ist mit allem darin gelöscht.
mail-account-deleted-note = Wenn nicht Sie es wollten, schreiben Sie den Betreibern von { $site }.
mail-invitation-subject = Sie sind zu { $site } eingeladen
mail-invitation-text = Sie sind eingeladen, ein Konto bei { $site } anzulegen.
mail-invitation-button = Konto anlegen
mail-invitation-note = Wenn Sie nicht möchten, brauchen Sie nichts zu tun.
mail-link-once = Der Link gilt einmal und { $time } lang.
mail-link-copy = Wenn die Schaltfläche nicht geht, öffnen Sie diese Adresse:
mail-minutes = { $count ->
    [one] eine Minute
   *[other] { $count } Minuten
}
mail-hours = { $count ->
    [one] eine Stunde
   *[other] { $count } Stunden
}
mail-days = { $count ->
    [one] einen Tag
   *[other] { $count } Tage
}
mail-fact-account = Konto
mail-fact-email = Neue Adresse
mail-fact-device = Gerät
mail-fact-address = Netzadresse
mail-fact-at = Zeit
mail-fact-until = Löschung
mail-foot = { $site } hat diese Mail von selbst verschickt. Antworten werden nicht gelesen.
