# Deutsch

language-name = Deutsch
direction = ltr

# Felder
field-login = Benutzername oder E-Mail-Adresse
field-username = Benutzername
field-username-hint = Buchstaben, Ziffern und . _ - +
field-email = E-Mail-Adresse
field-email-hint = Freiwillig. Sie können sich auch damit anmelden.
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
sign-in-button = Anmelden
sign-in-other = Neu hier?
sign-in-other-link = Konto anlegen
register-title = Konto anlegen
register-button = Konto anlegen
register-other = Haben Sie schon ein Konto?
register-other-link = Anmelden
logout-title = Abmelden
logout-text = Möchten Sie sich auf diesem Gerät abmelden?
logout-button = Abmelden
logout-stay = Angemeldet bleiben

account-title = Ihr Konto
account-back = Zurück zum Konto
profile-title = Profil
profile-since = Mitglied seit
profile-no-email = keine
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
cancel = Abbrechen

# Was getan ist
said-welcome = Willkommen! Ihr Konto ist bereit.
said-password-changed = Ihr Passwort ist geändert. Alle anderen Geräte sind abgemeldet.
said-device-ended = Das Gerät ist abgemeldet.
said-others-ended = Alle anderen Geräte sind abgemeldet.
said-signed-out = Sie sind abgemeldet.
said-session-ended = Ihre Sitzung ist zu Ende. Bitte melden Sie sich wieder an.
said-deleted = Ihr Konto ist gelöscht.

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
problem-account-locked = Dieses Konto ist gesperrt
problem-conflict = Das Konto hat sich inzwischen geändert; melden Sie sich an und versuchen Sie es noch einmal
problem-database-unavailable = Die Datenbank ist im Augenblick nicht erreichbar
problem-deadline-exceeded = Die Anfrage hat zu lange gedauert
problem-email-taken = Diese E-Mail-Adresse ist vergeben
problem-internal-error = Hier ist etwas schiefgegangen
problem-invalid-credentials = Benutzername oder Passwort ist falsch
problem-invalid-request = Die Anfrage ist nicht gültig
problem-invalid-token = Das Sitzungs-Token ist nicht gültig
problem-malformed = Der Inhalt ist nicht lesbar
problem-method-not-allowed = Diese Adresse kennt die Methode nicht
problem-missing-token = Ein Sitzungs-Token ist nötig
problem-not-found = An dieser Adresse ist nichts
problem-not-ready = Dieser Prozess startet gerade oder wird beendet
problem-overloaded = Im Augenblick melden sich zu viele an
problem-precondition-failed = Gespeichert ist eine andere Fassung
problem-rate-limited = Zu viele Versuche
problem-session-not-found = Diese Sitzung gibt es nicht
problem-too-large = Der Inhalt ist zu groß
problem-unsupported-media-type = Diese Art von Inhalt wird nicht angenommen
problem-username-taken = Dieser Benutzername ist vergeben
problem-wrong-password = Das Passwort ist falsch
