# English. Every other language has the same messages; a test compares them.

language-name = English
direction = ltr

# Fields of forms
field-login = User name or e-mail address
field-user-code = Code
field-user-code-hint = The device shows it: eight letters, like BCDF-GHJK.
field-username = User name
field-username-hint = Letters, digits and . _ - +
field-email = E-mail address
field-email-hint = Optional. You can sign in with it too.
field-email-hint-needed = You can sign in with it too.
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
fault-not-invited = The invitation is for another address.
fault-anothers-address = A user name with @ has to be your e-mail address.
fault-email-yours = This is your address already.
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
onward-to = To continue to { $application }
sign-in-button = Sign in
sign-in-other = New here?
sign-in-other-link = Create an account
sign-in-forgotten = Forgot your password?
register-title = Create an account
register-button = Create account
register-other = Do you have an account already?
register-other-link = Sign in
register-closed = Accounts are made by whoever runs this server.
register-invitation = If you were invited, open the link in the invitation.
invitation-text = You are invited to { $site }.
invitation-address = The invitation is for this address.
check-mail-title = Check your mail
without-mail = Whoever runs this server can help you.
to-sign-in = To the sign-in page
to-account = To your account

recover-title = Forgotten password
recover-text = We send a link to the confirmed e-mail address of your account. With it you can choose a new password.
recover-button = Send the link
reset-title = Choose a new password
reset-text = You will be signed out on all devices.
reset-button = Save password
confirm-title = Confirm your e-mail address
confirm-text = Is this your address, and do you want it in this account?
confirm-button = Confirm address
confirm-not-you = If you know nothing of it, just close this page. Then nothing happens.
confirm-taken = It is confirmed in another account, and stays there. If that is yours too, sign in to it.
link-recover = Such links work once, and for a few minutes. You can have another one sent.
link-confirm = Such links work once, and for a limited time. Your account shows whether the address is confirmed; from there you can have another link sent.
link-invitation = Invitations work once, and for a limited time. Ask whoever invited you for another one.
link-setup = Such links work once, and for half an hour. If you run this server, make another one with the command: tokenhouse admin setup-link
setup-title = Set up this server
setup-text = This makes the account of the first administrator. Afterwards the link is worth nothing.
setup-email-hint = For a forgotten password, and for notices. You can sign in with it too.
setup-button = Create administrator
setup-closed = There is an administrator already, who can sign in.
logout-title = Sign out
logout-text = Do you want to sign out on this device?
logout-button = Sign out
logout-stay = Stay signed in

consent-title = { $application } asks for access
signed-in-as = You are signed in as { $username }.
consent-asked = If you agree, { $application } may:
consent-granted = It may already:
consent-leads = Afterwards you go on to { $address }.
consent-policy = Privacy policy of { $application }
consent-terms = Terms of use of { $application }
consent-allow = Agree
consent-deny = Refuse
consent-note = You can take this back at any time: in your account, under “Connected applications”.
consent-other = Use another account
scope-openid = recognise you when you sign in
scope-profile = see your name and your profile
scope-email = see your e-mail address
scope-address = see your postal address
scope-phone = see your telephone number
scope-groups = see which groups you are in
scope-offline-access = do this also while you are away
form-post-title = On to { $application }
form-post-text = If nothing happens, press the button.
form-post-button = Go on
end-session-text = An application asks whether you want to sign out here too.
end-session-named = { $application } asks whether you want to sign out here too.
signed-out-text = Applications that you signed in to from here are being told:
application-error-title = There is a problem with the application
application-error-help = Nothing is wrong with your account. Whoever runs the application can help you.
application-unknown = The application that sent you here is not known to this server.
application-disabled = The application that sent you here is switched off.
application-address = The application wants you to be sent to an address that is not registered for it. So you stay here.
application-request = What the application asks for cannot be read.
device-title = Sign in on a device
device-button = Continue
device-compare = Does the device show this very code?
device-since = Asked for
device-agent = Device
device-warning = Go on only if you started this yourself, on a device that is in front of you. If somebody sent you this code or address, refuse: they would get access to your account.
application-expired = The request of the application is not good any more. Go back to the application and start again.

account-title = Your account
account-back = Back to your account
profile-title = Profile
profile-since = Member since
profile-no-email = none
profile-confirmed = confirmed
profile-unconfirmed = not confirmed yet
profile-pending = New e-mail address
profile-follow = To confirm the address, follow the link in the mail that we sent to it.
profile-administrator = Administrator
email-link = Change e-mail address
email-link-first = Add e-mail address
email-again = Send the mail again
email-withdraw = Withdraw the new address
email-title = Your e-mail address
email-now = Now
email-new = New e-mail address
email-text = We send a link to the new address. It is yours once you have followed the link; until then nothing changes.
email-button = Send the link
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
applications-title = Connected applications
applications-text = Applications that you signed in to with this account. Disconnect those that you no longer use.
applications-link = Show applications
applications-none = No application is connected with your account.
applications-since = Connected
applications-used = Last used
applications-may = It may:
applications-disconnect = Disconnect
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
delete-in-days = { $count ->
    [one] Your account will be deleted in one day, and you are signed out at once. Until then you can sign in and keep it; afterwards it is gone for good.
   *[other] Your account will be deleted in { $count } days, and you are signed out at once. Until then you can sign in and keep it; afterwards it is gone for good.
}
delete-in-hours = { $count ->
    [one] Your account will be deleted in one hour, and you are signed out at once. Until then you can sign in and keep it; afterwards it is gone for good.
   *[other] Your account will be deleted in { $count } hours, and you are signed out at once. Until then you can sign in and keep it; afterwards it is gone for good.
}
leaving-title = This account will be deleted
leaving-text = You asked for that. Until then you can think again.
leaving-at = Deleted after
leaving-keep = Keep my account
cancel = Cancel

# What was done
said-welcome = Welcome! Your account is ready.
said-password-changed = Your password is changed. All other devices are signed out.
said-device-ended = The device is signed out.
said-others-ended = All other devices are signed out.
said-signed-out = You are signed out.
said-session-ended = Your session has ended. Please sign in again.
said-deleted = Your account is deleted.
said-deletion-scheduled = You are signed out, and your account will be deleted. To keep it, sign in before that.
said-kept = Your account stays as it is.
said-password-reset = Your new password is set. Sign in with it.
said-recovery-asked = If there is an account of that name with a confirmed e-mail address, a mail is on its way to it. If none comes, look among your unwanted mail, or try another name.
said-confirmation-sent = A mail with a link is on its way to your address. Follow the link to confirm the address. If none comes, look among your unwanted mail.
said-email-confirmed = Your e-mail address is confirmed.
said-email-withdrawn = The new address is withdrawn.
said-set-up = This server is set up, and you are its administrator.
said-sign-in-again = Please sign in once more to go on.
said-other-account = Sign in with the account that you want to use.
said-application-disconnected = The application is disconnected.
said-device-allowed = Done. You can go on at the device.
said-device-denied = Refused. The device gets no access.

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
problem-access-denied = You have no access to this page
problem-account-locked = This account is locked
problem-bad-proxy-request = The proxy does not say what it asks about
problem-conflict = The account changed meanwhile; sign in and try again
problem-database-unavailable = The database cannot be reached at the moment
problem-deadline-exceeded = The request took too long
problem-email-not-verified = The e-mail address is not confirmed yet
problem-email-taken = This e-mail address is taken
problem-internal-error = Something went wrong here
problem-invalid-credentials = User name or password is wrong
problem-invalid-request = The request is not valid
problem-invalid-token = The session token is not valid
problem-invitation-required = An invitation is needed to register
problem-last-administrator = The last administrator cannot be deleted
problem-link-expired = This link has expired
problem-link-unknown = This link is not known here
problem-link-used = This link was used already
problem-mail-not-configured = This server sends no mail
problem-malformed = The body cannot be read
problem-method-not-allowed = This address does not know that method
problem-missing-token = A session token is needed
problem-not-found = There is nothing at this address
problem-not-ready = This process is starting or stopping
problem-nothing-to-confirm = There is no e-mail address to confirm
problem-overloaded = Too many people are signing in at the moment
problem-precondition-failed = Another version is stored
problem-proxy-not-trusted = Only a proxy that this server trusts may ask this
problem-rate-limited = Too many attempts
problem-registration-closed = Registration is closed
problem-session-not-found = There is no such session
problem-setup-closed = This server is set up already
problem-sign-in-needed = Sign in first
problem-too-large = The content is too large
problem-unknown-service = This server signs nobody in for that address
problem-unsupported-media-type = The content type is not supported
problem-user-code-unknown = This code is not known, or not any more
problem-username-taken = This user name is taken
problem-wrong-password = The password is wrong

# The outbox, for who develops
outbox-title = Mails
outbox-text = No mail server is set up, so mails stay here for you to read. Only this machine sees this page.
outbox-empty = No mail has been written yet.
outbox-older = Older mails
outbox-back = All mails
outbox-to = To
outbox-at = Written
outbox-html = Show as HTML

# Mails
mail-confirm-subject = Confirm your address for { $site }
mail-confirm-text = This address was given for an account at { $site }. Please confirm that it is yours.
mail-confirm-button = Confirm address
mail-confirm-note = If you know nothing of this, you need not do anything.
mail-recover-subject = Set a new password for { $site }
mail-recover-text = Somebody, probably you, asked for a new password for your account at { $site }.
mail-recover-button = Set a new password
mail-recover-note = If it was not you, you need not do anything: your password stays as it is. Never pass the link on.
mail-password-changed-subject = Your password for { $site } was changed
mail-password-changed-text = The password of your account at { $site } was changed. All other devices were signed out.
mail-password-changed-note = If it was not you, set a new password now.
mail-new-device-subject = New sign-in to your account at { $site }
mail-new-device-text = Somebody signed in to your account at { $site } with the right password, on a device that was not known.
mail-new-device-note = If it was you, all is well. If not, change your password now: that signs out all other devices.
mail-new-device-button = Change password
mail-address-changed-subject = The address of your account at { $site } was changed
mail-address-changed-text = Your account at { $site } has a new e-mail address.
mail-address-changed-note = If it was not you, sign in and change your password now. If you cannot sign in, ask those who run { $site }.
mail-address-changed-button = To your account
mail-deletion-scheduled-subject = Your account at { $site } will be deleted
mail-deletion-scheduled-text = As you asked, your account at { $site } will be deleted with everything in it. All devices were signed out.
mail-deletion-scheduled-note = Until then you can think again: sign in and keep your account. If it was not you who asked, change your password too.
mail-deletion-scheduled-button = Keep my account
mail-account-deleted-subject = Your account at { $site } is deleted
mail-account-deleted-text = Your account at { $site } is deleted with everything in it.
mail-account-deleted-note = If it was not you who asked for it, write to those who run { $site }.
mail-invitation-subject = You are invited to { $site }
mail-invitation-text = You are invited to make an account at { $site }.
mail-invitation-button = Make an account
mail-invitation-note = If you do not want to, you need not do anything.
mail-link-once = The link works once, and for { $time }.
mail-link-copy = If the button does not work, open this address:
mail-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
mail-hours = { $count ->
    [one] one hour
   *[other] { $count } hours
}
mail-days = { $count ->
    [one] one day
   *[other] { $count } days
}
mail-fact-account = Account
mail-fact-email = New address
mail-fact-device = Device
mail-fact-address = Network address
mail-fact-at = Time
mail-fact-until = Deletion
mail-foot = { $site } sent this mail by itself. Answers are not read.
