# English. Every other language has the same messages; a test compares them.

language-name = English
direction = ltr

# Fields of forms
field-login = User name or e-mail address
field-username = User name
field-username-hint = Letters, digits and . _ - +
field-email = E-mail address
field-email-hint = Optional. You can sign in with it too.
field-password = Password
field-current-password = Current password
field-new-password = New password
field-new-password-hint = At least { $count } characters. Several words are good; signs and digits are not needed.
field-language = Language
field-theme = Appearance
password-show = Show
password-hide = Hide

# What is wrong with a field
fault-empty = Please fill this in.
fault-name-too-long = This is too long.
fault-name-character = Only letters, digits and . _ - + @ are possible here.
fault-not-an-email = This is not an e-mail address.
fault-password-too-short = Use at least { $count } characters.
fault-password-too-long = Use at most 256 characters.
fault-password-common = This is one of the most common passwords; attackers try those first.
fault-password-own-name = This is too close to your user name or e-mail address.
fault-taken = This is already taken.
faults-title = Please check what you entered

# Waiting
wait-seconds = { $count ->
    [one] You can try again in one second.
   *[other] You can try again in { $count } seconds.
}
wait-minutes = { $count ->
    [one] You can try again in one minute.
   *[other] You can try again in { $count } minutes.
}

# Pages
skip = To the content
sign-in-title = Sign in
sign-in-button = Sign in
sign-in-other = New here?
sign-in-other-link = Create an account
register-title = Create an account
register-button = Create account
register-other = Do you have an account already?
register-other-link = Sign in
logout-title = Sign out
logout-text = Do you want to sign out on this device?
logout-button = Sign out
logout-stay = Stay signed in

account-title = Your account
account-back = Back to your account
profile-title = Profile
profile-since = Member since
profile-no-email = none
password-title = Password
password-text = A password that you use nowhere else protects you best.
password-link = Change password
password-page-title = Change password
password-others = All other devices will be signed out.
password-button = Change password
sessions-title = Devices
sessions-text = See where you are signed in, and sign out what you do not know.
sessions-link = Show devices
sessions-current = This device
sessions-unknown = Unknown device
sessions-device = { $program } on { $system }
sessions-opened = Signed in
sessions-used = Last used
sessions-address = Address
sessions-end = Sign out
sessions-end-others = Sign out all other devices
sessions-alone = You are signed in nowhere else.
sessions-more = Show more
preferences-button = Apply
theme-auto = As the device
theme-light = Light
theme-dark = Dark
data-title = Your data
data-text = Everything that is stored about you, as a file that programs can read.
data-button = Download my data
delete-title = Delete account
delete-text = Your account and everything in it goes for good.
delete-link = Delete account
delete-warning = This cannot be undone. Your profile, your data and your devices are deleted at once.
delete-button = Delete my account for good
cancel = Cancel

# What was done
said-welcome = Welcome! Your account is ready.
said-password-changed = Your password is changed. All other devices are signed out.
said-device-ended = The device is signed out.
said-others-ended = All other devices are signed out.
said-signed-out = You are signed out.
said-session-ended = Your session has ended. Please sign in again.
said-deleted = Your account is deleted.

# What went wrong on the way
form-again = This form was open for too long, or in another window. Please send it once more.
form-cookie-lost = Your browser did not send our cookie back. Allow cookies for { $host } and try again. If the address above begins with http:// and not https://, the browser dropped it: use the https address.
form-cross-site = This form came from another website, so nothing was done.
elsewhere-title = Wrong address
elsewhere-text = This server is set up for one address, and you came by another. Signing in would not work here.
elsewhere-seen = You came by
elsewhere-expected = It is set up for
elsewhere-link = Go to the right address
elsewhere-operator = If you run this server: PUBLIC_URL has to be the address that people type.
plain-title = This connection is not protected
plain-text = You reached { $host } over http. Others could read your password, and the browser would drop the cookie that keeps you signed in.
plain-link = Try https
plain-operator = If you run this server: put a proxy that speaks TLS in front, set PUBLIC_URL to its https address, and list it in TRUSTED_PROXIES. On one machine, http://localhost works without.
error-back = To the start
error-request = Request
error-retry = Try again

# Problems: the same words as in the answers of the API
problem-account-locked = This account is locked
problem-conflict = The account changed meanwhile; sign in and try again
problem-database-unavailable = The database cannot be reached at the moment
problem-deadline-exceeded = The request took too long
problem-email-taken = This e-mail address is taken
problem-internal-error = Something went wrong here
problem-invalid-credentials = User name or password is wrong
problem-invalid-request = The request is not valid
problem-invalid-token = The session token is not valid
problem-malformed = The body cannot be read
problem-method-not-allowed = This address does not know that method
problem-missing-token = A session token is needed
problem-not-found = There is nothing at this address
problem-not-ready = This process is starting or stopping
problem-overloaded = Too many people are signing in at the moment
problem-precondition-failed = Another version is stored
problem-rate-limited = Too many attempts
problem-session-not-found = There is no such session
problem-too-large = The content is too large
problem-unsupported-media-type = The content type is not supported
problem-username-taken = This user name is taken
problem-wrong-password = The password is wrong
