// Lets a notice float above the page and be put away. It never leaves by itself: nobody should have to be quick.
for (const toast of document.querySelectorAll("[data-toast]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = toast.dataset.close;
  button.addEventListener("click", () => {
    toast.remove();
    document.querySelector("main")?.focus({ preventScroll: true });
  });
  (toast.querySelector("[data-toast-do]") ?? toast).append(button);
  toast.classList.add("floats");
}
