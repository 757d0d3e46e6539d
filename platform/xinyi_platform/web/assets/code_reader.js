// Read a QR code by the camera into an input. Where the browser cannot, the button never appears.

export async function readCodes(root) {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  for (const reader of root.querySelectorAll("[data-code-reader]")) prepare(reader);
}

function prepare(reader) {
  reader.hidden = false;
  const status = reader.querySelector("[role=status]");
  reader.querySelector("[data-start]").addEventListener("click", async () => {
    try {
      status.textContent = "";
      const input = document.getElementById(reader.dataset.codeReader);
      input.value = await readOne(reader.querySelector("video"));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    } catch {
      status.textContent = status.dataset.failed;
    }
  });
}

async function readOne(video) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    for (;;) {
      const [found] = await detector.detect(video);
      if (found) return found.rawValue;
      await new Promise((next) => setTimeout(next, 150));
    }
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.hidden = true;
  }
}
