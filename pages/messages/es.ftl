# Español

language-name = Español
direction = ltr

# Campos
field-login = Nombre de usuario o correo electrónico
field-user-code = Código
field-user-code-hint = Lo muestra el dispositivo: ocho letras, por ejemplo BCDF-GHJK.
field-username = Nombre de usuario
field-username-hint = Letras, cifras y . _ - +
field-email = Correo electrónico
field-email-hint = Opcional. También sirve para iniciar sesión.
field-email-hint-needed = También sirve para iniciar sesión.
field-password = Contraseña
field-current-password = Contraseña actual
field-new-password = Contraseña nueva
field-new-password-hint = Al menos { $count } caracteres. Varias palabras van bien; no hacen falta signos ni cifras.
field-language = Idioma
field-theme = Aspecto
password-show = Mostrar
password-hide = Ocultar

# Errores de campo
fault-empty = Rellena este campo.
fault-name-too-long = Es demasiado largo.
fault-name-character = Aquí solo caben letras, cifras y . _ - + @.
fault-not-an-email = No es una dirección de correo electrónico.
fault-password-too-short = Usa al menos { $count } caracteres.
fault-password-too-long = Usa como máximo 256 caracteres.
fault-password-common = Es una de las contraseñas más comunes; los atacantes prueban esas primero.
fault-password-own-name = Se parece demasiado a tu nombre de usuario o a tu correo.
fault-taken = Ya está en uso.
fault-not-invited = La invitación es para otra dirección.
fault-anothers-address = Un nombre de usuario con @ tiene que ser tu correo electrónico.
fault-email-yours = Ya es tu dirección.
faults-title = Revisa lo que has escrito

# Espera
wait-seconds = { $count ->
    [one] Puedes volver a intentarlo en un segundo.
   *[other] Puedes volver a intentarlo en { $count } segundos.
}
wait-minutes = { $count ->
    [one] Puedes volver a intentarlo en un minuto.
   *[other] Puedes volver a intentarlo en { $count } minutos.
}

# Páginas
skip = Ir al contenido
sign-in-title = Iniciar sesión
onward-to = Para continuar en { $application }
sign-in-button = Iniciar sesión
sign-in-other = ¿Primera vez aquí?
sign-in-other-link = Crear una cuenta
sign-in-forgotten = ¿Has olvidado tu contraseña?
register-title = Crear una cuenta
register-button = Crear cuenta
register-other = ¿Ya tienes una cuenta?
register-other-link = Iniciar sesión
register-closed = Las cuentas las crea quien administra este servidor.
register-invitation = Si te han invitado, abre el enlace de la invitación.
invitation-text = Te han invitado a { $site }.
invitation-address = La invitación es para esta dirección.
check-mail-title = Revisa tu correo
without-mail = Quien administra este servidor puede ayudarte.
to-sign-in = Ir a la página de inicio de sesión
to-account = Ir a tu cuenta

recover-title = Contraseña olvidada
recover-text = Enviamos un enlace al correo electrónico confirmado de tu cuenta. Con él puedes elegir una contraseña nueva.
recover-button = Enviar el enlace
reset-title = Elegir una contraseña nueva
reset-text = Se cerrará tu sesión en todos los dispositivos.
reset-button = Guardar la contraseña
confirm-title = Confirmar tu correo electrónico
confirm-text = ¿Es tu dirección y la quieres en esta cuenta?
confirm-button = Confirmar la dirección
confirm-not-you = Si no sabes nada de esto, cierra esta página y no pasará nada.
confirm-taken = Está confirmada en otra cuenta y allí se queda. Si también es tuya, inicia sesión en ella.
link-recover = Estos enlaces sirven una vez y durante unos minutos. Puedes pedir otro.
link-confirm = Estos enlaces sirven una vez y por tiempo limitado. Tu cuenta muestra si la dirección está confirmada; desde allí puedes pedir otro enlace.
link-invitation = Las invitaciones sirven una vez y por tiempo limitado. Pide otra a quien te invitó.
link-setup = Estos enlaces sirven una vez y durante media hora. Si administras este servidor, crea otro con la orden: tokenhouse admin setup-link
setup-title = Configurar este servidor
setup-text = Con esto se crea la cuenta del primer administrador. Después el enlace ya no sirve.
setup-email-hint = Para una contraseña olvidada y para avisos. También sirve para iniciar sesión.
setup-button = Crear la cuenta
setup-closed = Ya hay una cuenta de administrador con la que se puede iniciar sesión.
logout-title = Cerrar sesión
logout-text = ¿Quieres cerrar la sesión en este dispositivo?
logout-button = Cerrar sesión
logout-stay = Seguir con la sesión abierta

consent-title = { $application } pide acceso
signed-in-as = Has iniciado sesión como { $username }.
consent-asked = Si aceptas, { $application } podrá:
consent-granted = Ya puede:
consent-leads = Después irás a { $address }.
consent-policy = Política de privacidad de { $application }
consent-terms = Condiciones de uso de { $application }
consent-allow = Aceptar
consent-deny = Rechazar
consent-note = Puedes retirarlo cuando quieras: en tu cuenta, en «Aplicaciones conectadas».
consent-other = Usar otra cuenta
scope-openid = reconocerte cuando inicias sesión
scope-profile = ver tu nombre y tu perfil
scope-email = ver tu correo electrónico
scope-address = ver tu dirección postal
scope-phone = ver tu número de teléfono
scope-groups = ver a qué grupos perteneces
scope-offline-access = hacerlo también cuando no estés
form-post-title = Ir a { $application }
form-post-text = Si no ocurre nada, pulsa el botón.
form-post-button = Continuar
end-session-text = Una aplicación pregunta si quieres cerrar la sesión también aquí.
end-session-named = { $application } pregunta si quieres cerrar la sesión también aquí.
signed-out-text = Se está avisando a las aplicaciones en las que habías iniciado sesión desde aquí:
application-error-title = Hay un problema con la aplicación
application-error-help = Tu cuenta está bien. Quien administra la aplicación puede ayudarte.
application-unknown = Este servidor no conoce la aplicación que te ha enviado aquí.
application-disabled = La aplicación que te ha enviado aquí está desactivada.
application-address = La aplicación quiere enviarte a una dirección que no está registrada para ella. Por eso te quedas aquí.
application-request = No se puede leer lo que pide la aplicación.
device-title = Iniciar sesión en un dispositivo
device-button = Continuar
device-compare = ¿Muestra el dispositivo exactamente este código?
device-since = Solicitado
device-agent = Dispositivo
device-warning = Sigue solo si lo has empezado tú, en un dispositivo que tienes delante. Si alguien te ha enviado este código o esta dirección, rechaza: tendría acceso a tu cuenta.
application-expired = La petición de la aplicación ya no es válida. Vuelve a la aplicación y empieza de nuevo.

account-title = Tu cuenta
account-back = Volver a tu cuenta
profile-title = Perfil
profile-since = Miembro desde
profile-no-email = ninguno
profile-confirmed = confirmado
profile-unconfirmed = sin confirmar
profile-pending = Correo electrónico nuevo
profile-follow = Para confirmar la dirección, sigue el enlace del mensaje que te hemos enviado a ella.
profile-administrator = Administración
email-link = Cambiar el correo electrónico
email-link-first = Añadir un correo electrónico
email-again = Enviar el mensaje otra vez
email-withdraw = Retirar la dirección nueva
email-title = Tu correo electrónico
email-now = Actual
email-new = Correo electrónico nuevo
email-text = Enviamos un enlace a la dirección nueva. Vale en cuanto lo sigas; hasta entonces no cambia nada.
email-button = Enviar el enlace
password-title = Contraseña
password-text = Una contraseña que no uses en ningún otro sitio es la que mejor te protege.
password-link = Cambiar la contraseña
password-page-title = Cambiar la contraseña
password-others = Se cerrará la sesión en todos los demás dispositivos.
password-button = Cambiar la contraseña
sessions-title = Dispositivos
sessions-text = Mira dónde tienes la sesión abierta y cierra la que no reconozcas.
sessions-link = Ver dispositivos
sessions-current = Este dispositivo
sessions-unknown = Dispositivo desconocido
sessions-device = { $program } en { $system }
sessions-opened = Inicio de sesión
sessions-used = Último uso
sessions-address = Dirección
sessions-end = Cerrar sesión
sessions-end-others = Cerrar sesión en los demás dispositivos
sessions-alone = No tienes la sesión abierta en ningún otro sitio.
sessions-more = Mostrar más
applications-title = Aplicaciones conectadas
applications-text = Aplicaciones en las que has iniciado sesión con esta cuenta. Desconecta las que ya no uses.
applications-link = Ver aplicaciones
applications-none = No hay ninguna aplicación conectada a tu cuenta.
applications-since = Conectada desde
applications-used = Último uso
applications-may = Puede:
applications-disconnect = Desconectar
preferences-button = Aplicar
theme-auto = Como el dispositivo
theme-light = Claro
theme-dark = Oscuro
data-title = Tus datos
data-text = Todo lo que se guarda sobre ti, en un archivo que los programas pueden leer.
data-button = Descargar mis datos
delete-title = Eliminar la cuenta
delete-text = Tu cuenta y todo lo que contiene desaparecen para siempre.
delete-link = Eliminar la cuenta
delete-warning = No se puede deshacer. Tu perfil, tus datos y tus dispositivos se eliminan de inmediato.
delete-button = Eliminar mi cuenta para siempre
delete-in-days = { $count ->
    [one] Tu cuenta se eliminará dentro de un día y tu sesión se cierra ahora mismo. Hasta entonces puedes iniciar sesión y conservarla; después desaparece para siempre.
   *[other] Tu cuenta se eliminará dentro de { $count } días y tu sesión se cierra ahora mismo. Hasta entonces puedes iniciar sesión y conservarla; después desaparece para siempre.
}
delete-in-hours = { $count ->
    [one] Tu cuenta se eliminará dentro de una hora y tu sesión se cierra ahora mismo. Hasta entonces puedes iniciar sesión y conservarla; después desaparece para siempre.
   *[other] Tu cuenta se eliminará dentro de { $count } horas y tu sesión se cierra ahora mismo. Hasta entonces puedes iniciar sesión y conservarla; después desaparece para siempre.
}
leaving-title = Esta cuenta se va a eliminar
leaving-text = Lo pediste tú. Hasta entonces puedes cambiar de idea.
leaving-at = Se elimina a partir de
leaving-keep = Conservar mi cuenta
cancel = Cancelar

# Lo que se ha hecho
said-welcome = ¡Te damos la bienvenida! Tu cuenta está lista.
said-password-changed = Has cambiado la contraseña. Se ha cerrado la sesión en los demás dispositivos.
said-device-ended = Se ha cerrado la sesión en el dispositivo.
said-others-ended = Se ha cerrado la sesión en los demás dispositivos.
said-signed-out = Has cerrado la sesión.
said-session-ended = Tu sesión ha terminado. Vuelve a iniciar sesión.
said-deleted = Tu cuenta se ha eliminado.
said-deletion-scheduled = Tu sesión está cerrada y tu cuenta se eliminará. Para conservarla, inicia sesión antes.
said-kept = Tu cuenta se queda como está.
said-password-reset = Tu contraseña nueva está guardada. Inicia sesión con ella.
said-recovery-asked = Si hay una cuenta con ese nombre y un correo electrónico confirmado, va un mensaje en camino. Si no llega, mira en el correo no deseado o prueba con otro nombre.
said-confirmation-sent = Va un mensaje con un enlace hacia tu dirección. Sigue el enlace para confirmarla. Si no llega, mira en el correo no deseado.
said-email-confirmed = Tu correo electrónico está confirmado.
said-email-withdrawn = La dirección nueva se ha retirado.
said-set-up = Este servidor está configurado y tú lo administras.
said-sign-in-again = Inicia sesión otra vez para continuar.
said-other-account = Inicia sesión con la cuenta que quieras usar.
said-application-disconnected = La aplicación está desconectada.
said-device-allowed = Listo. Puedes seguir en el dispositivo.
said-device-denied = Rechazado. El dispositivo no obtiene acceso.

# Lo que ha fallado por el camino
form-again = Este formulario estuvo abierto demasiado tiempo o en otra ventana. Envíalo otra vez.
form-cookie-lost = Tu navegador no ha devuelto nuestra cookie. Permite las cookies de { $host } e inténtalo otra vez. Si la dirección de arriba empieza por http:// y no por https://, el navegador la ha descartado: usa la dirección https.
form-cross-site = Este formulario venía de otro sitio web, así que no se ha hecho nada.
elsewhere-title = Dirección equivocada
elsewhere-text = Este servidor está configurado para una dirección y has llegado por otra. Aquí no funcionaría iniciar sesión.
elsewhere-seen = Has llegado por
elsewhere-expected = Está configurado para
elsewhere-link = Ir a la dirección correcta
elsewhere-operator = Si administras este servidor: PUBLIC_URL tiene que ser la dirección que escribe la gente.
plain-title = Esta conexión no está protegida
plain-text = Has llegado a { $host } por http. Otros podrían leer tu contraseña, y el navegador descartaría la cookie que mantiene tu sesión.
plain-link = Probar con https
plain-operator = Si administras este servidor: pon delante un proxy que hable TLS, da a PUBLIC_URL su dirección https e inclúyelo en TRUSTED_PROXIES. En una sola máquina, http://localhost funciona sin nada de eso.
error-back = Al inicio
error-request = Petición
error-retry = Intentar de nuevo

# Problemas
problem-access-denied = No tienes acceso a esta página
problem-account-locked = Esta cuenta está bloqueada
problem-bad-proxy-request = El proxy no dice por qué pregunta
problem-conflict = La cuenta ha cambiado mientras tanto; inicia sesión e inténtalo otra vez
problem-database-unavailable = No se puede acceder a la base de datos en este momento
problem-deadline-exceeded = La petición ha tardado demasiado
problem-email-not-verified = El correo electrónico aún no está confirmado
problem-email-taken = Este correo electrónico ya está en uso
problem-internal-error = Algo ha ido mal aquí
problem-invalid-credentials = El nombre de usuario o la contraseña no son correctos
problem-invalid-request = La petición no es válida
problem-invalid-token = El token de sesión no es válido
problem-invitation-required = Hace falta una invitación para registrarse
problem-last-administrator = La última cuenta de administrador no se puede eliminar
problem-link-expired = Este enlace ha caducado
problem-link-unknown = Este enlace no se conoce aquí
problem-link-used = Este enlace ya se ha usado
problem-mail-not-configured = Este servidor no envía correo
problem-malformed = No se puede leer el contenido
problem-method-not-allowed = Esta dirección no conoce ese método
problem-missing-token = Hace falta un token de sesión
problem-not-found = No hay nada en esta dirección
problem-not-ready = Este proceso se está iniciando o deteniendo
problem-nothing-to-confirm = No hay ningún correo electrónico por confirmar
problem-overloaded = Demasiadas personas están iniciando sesión en este momento
problem-precondition-failed = Hay guardada otra versión
problem-proxy-not-trusted = Solo puede preguntar esto un proxy en el que confíe este servidor
problem-rate-limited = Demasiados intentos
problem-registration-closed = El registro está cerrado
problem-session-not-found = No existe esa sesión
problem-setup-closed = Este servidor ya está configurado
problem-sign-in-needed = Inicia sesión primero
problem-too-large = El contenido es demasiado grande
problem-unknown-service = Este servidor no inicia la sesión de nadie para esa dirección
problem-unsupported-media-type = Este tipo de contenido no se admite
problem-user-code-unknown = Este código no se conoce o ya no es válido
problem-username-taken = Este nombre de usuario ya está en uso
problem-wrong-password = La contraseña no es correcta

# La bandeja de salida, para quien desarrolla
outbox-title = Correos
outbox-text = No hay ningún servidor de correo configurado, así que los correos se quedan aquí para que los leas. Solo este equipo ve esta página.
outbox-empty = Todavía no se ha escrito ningún correo.
outbox-older = Correos anteriores
outbox-back = Todos los correos
outbox-to = Para
outbox-at = Escrito
outbox-html = Ver como HTML

# Correos
mail-confirm-subject = Confirma tu dirección para { $site }
mail-confirm-text = Se ha dado esta dirección para una cuenta en { $site }. Confirma que es tuya.
mail-confirm-button = Confirmar la dirección
mail-confirm-note = Si no sabes nada de esto, no tienes que hacer nada.
mail-recover-subject = Pon una contraseña nueva para { $site }
mail-recover-text = Alguien, seguramente tú, ha pedido una contraseña nueva para tu cuenta en { $site }.
mail-recover-button = Poner una contraseña nueva
mail-recover-note = Si no has sido tú, no tienes que hacer nada: tu contraseña sigue igual. No pases nunca el enlace a nadie.
mail-password-changed-subject = Tu contraseña de { $site } ha cambiado
mail-password-changed-text = La contraseña de tu cuenta en { $site } ha cambiado. Se ha cerrado la sesión en los demás dispositivos.
mail-password-changed-note = Si no has sido tú, pon ahora una contraseña nueva.
mail-new-device-subject = Nuevo inicio de sesión en tu cuenta de { $site }
mail-new-device-text = Alguien ha iniciado sesión en tu cuenta de { $site } con la contraseña correcta, en un dispositivo que no se conocía.
mail-new-device-note = Si has sido tú, todo está bien. Si no, cambia ahora la contraseña: así se cierra la sesión en los demás dispositivos.
mail-new-device-button = Cambiar la contraseña
mail-address-changed-subject = La dirección de tu cuenta de { $site } ha cambiado
mail-address-changed-text = Tu cuenta de { $site } tiene una dirección de correo nueva.
mail-address-changed-note = Si no has sido tú, inicia sesión y cambia ahora la contraseña. Si no puedes iniciar sesión, pregunta a quienes llevan { $site }.
mail-address-changed-button = A tu cuenta
mail-deletion-scheduled-subject = Tu cuenta de { $site } se va a eliminar
mail-deletion-scheduled-text = Como has pedido, tu cuenta de { $site } se va a eliminar con todo lo que contiene. Se ha cerrado la sesión en todos los dispositivos.
mail-deletion-scheduled-note = Hasta entonces puedes pensártelo mejor: inicia sesión y conserva tu cuenta. Si no lo has pedido tú, cambia también la contraseña.
mail-deletion-scheduled-button = Conservar mi cuenta
mail-account-deleted-subject = Tu cuenta de { $site } se ha eliminado
mail-account-deleted-text = Tu cuenta de { $site } se ha eliminado con todo lo que contenía.
mail-account-deleted-note = Si no lo has pedido tú, escribe a quienes llevan { $site }.
mail-invitation-subject = Te han invitado a { $site }
mail-invitation-text = Te han invitado a crear una cuenta en { $site }.
mail-invitation-button = Crear una cuenta
mail-invitation-note = Si no quieres, no tienes que hacer nada.
mail-link-once = El enlace sirve una sola vez, y durante { $time }.
mail-link-copy = Si el botón no funciona, abre esta dirección:
mail-minutes = { $count ->
    [one] un minuto
   *[other] { $count } minutos
}
mail-hours = { $count ->
    [one] una hora
   *[other] { $count } horas
}
mail-days = { $count ->
    [one] un día
   *[other] { $count } días
}
mail-fact-account = Cuenta
mail-fact-email = Dirección nueva
mail-fact-device = Dispositivo
mail-fact-address = Dirección de red
mail-fact-at = Hora
mail-fact-until = Eliminación
mail-foot = { $site } ha enviado este correo de forma automática. Las respuestas no se leen.
