// Keeps an answer the moment it is touched, so that nothing is lost and a safety answer reaches someone at once.
// Without script the same happens when the form is sent.
for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("change", async () => {
    const sent = new URLSearchParams(new FormData(form));
    sent.set("go", "keep");
    try {
      const answer = await fetch(form.getAttribute("action") || location.pathname, {
        method: "POST", body: sent, headers: { Accept: "application/json" }, redirect: "error",
      });
      const told = await answer.json();
      if (told.safety) location.assign(told.safety);
    } catch {
      // It is sent again with the next button.
    }
  });
}
