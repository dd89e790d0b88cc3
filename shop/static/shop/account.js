// Her page: signing out.

import { call } from "./api.js";
import { attempt } from "./ui.js";

const button = document.getElementById("sign-out");
button?.addEventListener("click", () =>
  attempt(button, async () => {
    await call("DELETE", "/store/v1/session");
    location.assign(button.dataset.then);
  }),
);
