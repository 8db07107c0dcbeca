// Sends the form on to the application. Without this the person presses its button.
document.getElementById("onward")?.submit();
