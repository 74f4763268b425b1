// Reads a report aloud where the device has a voice for its language; otherwise the link opens the plain text.
const link = document.querySelector("[data-read-aloud]");
const label = link?.querySelector("span");
const said = label?.textContent ?? "";
const voices = window.speechSynthesis;

const hasVoice = () => voices?.getVoices().some((v) => v.lang.toLowerCase().startsWith(link.dataset.language));

function stop() {
  voices.cancel();
  label.textContent = said;
}

async function read(event) {
  if (!hasVoice()) return; // the link does its work
  event.preventDefault();
  if (voices.speaking) { stop(); return; }
  const answer = await fetch(link.href);
  if (!answer.ok) { location.assign(link.href); return; }
  label.textContent = link.dataset.stop;
  const lines = (await answer.text()).split("\n").filter((line) => line.trim());
  lines.forEach((line, i) => {
    const words = new SpeechSynthesisUtterance(line);
    words.lang = link.dataset.language;
    if (i === lines.length - 1) words.onend = stop;
    voices.speak(words);
  });
}

if (link && voices) {
  voices.getVoices(); // some browsers load them only when asked
  link.addEventListener("click", read);
  addEventListener("pagehide", () => voices.cancel());
}
