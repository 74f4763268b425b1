// Typing a sheet: after a digit the next question; Backspace in an empty field goes back.
for (const form of document.querySelectorAll("form[data-digits]")) {
  const fields = [...form.querySelectorAll(".digits input")];
  const wanted = form.querySelector("[aria-invalid=true]") || form.querySelector("input[name=sheet]");
  wanted?.focus();
  fields.forEach((field, place) => {
    field.addEventListener("input", () => { if (field.value === "-" || field.value.length === Number(field.dataset.most || 1)) (fields[place + 1] || form.querySelector("button"))?.focus(); });
    field.addEventListener("focus", () => field.select());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Backspace" && !field.value && place) { fields[place - 1].focus(); event.preventDefault(); }
      if (event.key === "Enter" && place < fields.length - 1) { fields[place + 1].focus(); event.preventDefault(); }
    });
  });
}
