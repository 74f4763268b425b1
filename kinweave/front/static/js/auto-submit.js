// A filter sends its form as soon as it is changed; without script its button does the same.
for (const form of document.querySelectorAll("form[data-auto-submit]")) {
  form.addEventListener("change", () => form.requestSubmit());
  for (const button of form.querySelectorAll("[data-auto-submit-button]")) button.hidden = true;
}
