"use strict";
// Offers a passkey where the browser can show one; without this the page is what it always was.

(() => {
  const offer = document.getElementById("passkey");
  const form = offer.querySelector("form");
  const button = offer.querySelector("button");
  const problem = offer.querySelector(".problem");

  // Browsers give a site's passkeys to its own pages only, and to none at an insecure address.
  const isOurs = location.hostname === offer.dataset.site;
  if (!isOurs || !window.PublicKeyCredential?.parseRequestOptionsFromJSON) return;

  async function shown() {
    const question = new URLSearchParams(new FormData(form));
    question.set("step", "passkey-request");
    const answer = await fetch(form.action, { method: "POST", body: question });
    if (!answer.ok) throw new Error(`The shop answered ${answer.status}.`);
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await answer.json());
    return navigator.credentials.get({ publicKey });
  }

  button.addEventListener("click", async () => {
    button.disabled = true;
    problem.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(await shown());
      form.submit();
    } catch {
      problem.hidden = false; // also when the person thought better of it
    } finally {
      button.disabled = false;
    }
  });
  offer.hidden = false;
})();
