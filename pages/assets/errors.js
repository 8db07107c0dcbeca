// Brings the person to what is wrong: to the summary when the page opens, and from its links into the
// fields themselves. Without this the summary is still first, and its links still scroll.
const summary = document.getElementById("summary");
if (summary) {
  summary.focus();
  for (const link of summary.querySelectorAll("a[href^='#']")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(link.hash.slice(1))?.focus();
    });
  }
}
