// The first module: asks for the words at once, then for the app.

import { load, wanted } from "./words.js";

const begun = load(wanted()).catch(() => load("en"));
Promise.all([begun, import("./boot.js")]).then(([, boot]) => boot.begin());
