// What scripts add to pages that work without them. Each part looks for its own mark and stays away otherwise.
import { readCodes } from "./code_reader.js";
import { keepCodesFresh } from "./live_code.js";
import { askBeforeDangerousActs, updateInPlace } from "./forms.js";

askBeforeDangerousActs(document);
updateInPlace(document);
readCodes(document);
keepCodesFresh(document);
document.getElementById("error-summary")?.focus();
document.querySelector(".mainnav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
