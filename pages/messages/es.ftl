# Español

language-name = Español
direction = ltr

# Campos
field-login = Nombre de usuario o correo electrónico
field-username = Nombre de usuario
field-username-hint = Letras, cifras y . _ - +
field-email = Correo electrónico
field-email-hint = Opcional. También sirve para iniciar sesión.
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
sign-in-button = Iniciar sesión
sign-in-other = ¿Primera vez aquí?
sign-in-other-link = Crear una cuenta
register-title = Crear una cuenta
register-button = Crear cuenta
register-other = ¿Ya tienes una cuenta?
register-other-link = Iniciar sesión
logout-title = Cerrar sesión
logout-text = ¿Quieres cerrar la sesión en este dispositivo?
logout-button = Cerrar sesión
logout-stay = Seguir con la sesión abierta

account-title = Tu cuenta
account-back = Volver a tu cuenta
profile-title = Perfil
profile-since = Miembro desde
profile-no-email = ninguno
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
cancel = Cancelar

# Lo que se ha hecho
said-welcome = ¡Te damos la bienvenida! Tu cuenta está lista.
said-password-changed = Has cambiado la contraseña. Se ha cerrado la sesión en los demás dispositivos.
said-device-ended = Se ha cerrado la sesión en el dispositivo.
said-others-ended = Se ha cerrado la sesión en los demás dispositivos.
said-signed-out = Has cerrado la sesión.
said-session-ended = Tu sesión ha terminado. Vuelve a iniciar sesión.
said-deleted = Tu cuenta se ha eliminado.

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
problem-account-locked = Esta cuenta está bloqueada
problem-conflict = La cuenta ha cambiado mientras tanto; inicia sesión e inténtalo otra vez
problem-database-unavailable = No se puede acceder a la base de datos en este momento
problem-deadline-exceeded = La petición ha tardado demasiado
problem-email-taken = Este correo electrónico ya está en uso
problem-internal-error = Algo ha ido mal aquí
problem-invalid-credentials = El nombre de usuario o la contraseña no son correctos
problem-invalid-request = La petición no es válida
problem-invalid-token = El token de sesión no es válido
problem-malformed = No se puede leer el contenido
problem-method-not-allowed = Esta dirección no conoce ese método
problem-missing-token = Hace falta un token de sesión
problem-not-found = No hay nada en esta dirección
problem-not-ready = Este proceso se está iniciando o deteniendo
problem-overloaded = Demasiadas personas están iniciando sesión en este momento
problem-precondition-failed = Hay guardada otra versión
problem-rate-limited = Demasiados intentos
problem-session-not-found = No existe esa sesión
problem-too-large = El contenido es demasiado grande
problem-unsupported-media-type = Este tipo de contenido no se admite
problem-username-taken = Este nombre de usuario ya está en uso
problem-wrong-password = La contraseña no es correcta
