// Goes on when every application in a frame has heard that its session ended, and does not wait long for one that does
// not answer. Without scripts there is the button.
const go = () => location.replace(document.getElementById('onward').href);

if (document.readyState === 'complete') go();
else addEventListener('load', go);
setTimeout(go, 5000);
