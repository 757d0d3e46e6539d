// What a signed snapshot tells of a code: the same as offline.py and recognising.py, for a browser without network.
// A classic script, because the worker takes it in by importScripts; it leaves `offlineCheck` and nothing else.
"use strict";

self.offlineCheck = (() => {
  const AUDIENCE = "xinyi:stickers";
  const DAY = 86_400_000;
  const OLD = 7 * DAY;
  const SERIAL_LENGTH = 10;
  const PRINTED_LENGTH = 26;
  const SHOP_LENGTH = 11;
  const MOST_CHARACTERS = 500;
  const SERIAL_BYTES = 9;
  const CODE_BYTES = 12;
  const CODE = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  const USCC_WORD = /(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Z])/g;
  const ADDRESS = /^(?:[A-Z][A-Z0-9+.-]*:\/\/|[^\s/]+\.[^\s/]+\/|WWW\.)/;

  class Unreadable extends Error {}

  const utf8 = (text) => new TextEncoder().encode(text);

  function fromBase64Url(text) {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  }

  const fromJson = (part) => JSON.parse(new TextDecoder().decode(fromBase64Url(part)));

  // Throws Unreadable with the reason: the snapshot is not the city's, or this browser cannot tell.
  async function read(jwks, token) {
    let parts, header, claims, signature, jwk;
    try {
      parts = token.split(".");
      [header, claims] = parts.slice(0, 2).map(fromJson);
      signature = fromBase64Url(parts[2]);
      jwk = jwks.keys.find((key) => key.kid === header.kid && key.kty === "OKP" && key.crv === "Ed25519");
    } catch {
      throw new Unreadable("signature");
    }
    if (parts.length !== 3 || header.alg !== "EdDSA" || !jwk || claims.aud !== AUDIENCE) throw new Unreadable("signature");
    const key = await imported(jwk);
    const isRight = await crypto.subtle.verify("Ed25519", key, signature, utf8(`${parts[0]}.${parts[1]}`));
    if (!isRight) throw new Unreadable("signature");
    return {
      district: claims.dst,
      takenAt: claims.iat * 1000,
      publicUrl: claims.url,
      salt: claims.salt,
      live: new Map(Object.entries(claims.live)),
      revoked: new Map(Object.entries(claims.revoked)),
    };
  }

  async function imported({ kty, crv, x }) {
    try {
      return await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
    } catch {
      throw new Unreadable("no_crypto");
    }
  }

  async function verify(snapshot, shown, now) {
    const age = now - snapshot.takenAt;
    const found = recognise(shown, snapshot.publicUrl);
    const answer = (verdict, reason) => ({ verdict, reason, takenAt: snapshot.takenAt, district: snapshot.district });
    if (found.kind === "foreign") return answer("NOT OURS", "foreign");
    if (found.kind === "nothing") return answer("NOT OURS", "no_code");
    if (found.kind !== "sticker") return answer("CANNOT TELL", "number");
    const serial = await digest(snapshot.salt, found.code.slice(0, SERIAL_LENGTH), SERIAL_BYTES);
    const known = snapshot.live.get(serial) ?? snapshot.revoked.get(serial);
    if (known === undefined) return answer("CANNOT TELL", "unknown");
    if (known !== (await digest(snapshot.salt, found.code, CODE_BYTES))) return answer("NOT OURS", "wrong_check");
    if (snapshot.revoked.has(serial)) return answer("REVOKED", "revoked");
    if (age < -DAY) return answer("CANNOT TELL", "clock");
    if (age > OLD) return answer("CANNOT TELL", "old");
    return answer("GENUINE", "live");
  }

  async function digest(salt, text, length) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(`${salt}:${text}`)));
    return btoa(String.fromCharCode(...hash.slice(0, length))).replaceAll("+", "-").replaceAll("/", "_");
  }

  function recognise(text, publicUrl) {
    const shown = text.slice(0, MOST_CHARACTERS).normalize("NFKC").trim().toUpperCase();
    const ours = `${publicUrl}/m/`.toUpperCase();
    for (const start of [ours, ours.slice(ours.indexOf("://") + 3)]) {
      if (shown.startsWith(start)) return codeOf(shown.slice(start.length).split(/[/?#]/)[0]);
    }
    if (ADDRESS.test(shown)) return { kind: "foreign" };
    const known = codeOf(shown);
    if (known.kind !== "nothing") return known;
    const bare = shown.replace(/[\s-]/g, "");
    if (bare.length === 18 && bare.match(USCC_WORD)) return { kind: "uscc", code: bare };
    const words = new Set((shown.match(USCC_WORD) ?? []).filter(isUscc));
    return words.size === 1 ? { kind: "uscc", code: [...words][0] } : { kind: "nothing" };
  }

  function codeOf(text) {
    const code = text.trim().replace(/[- ]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
    if ([...code].some((character) => !CODE.includes(character))) return { kind: "nothing" };
    if (code.length === PRINTED_LENGTH) return { kind: "sticker", code };
    if (code.length === SHOP_LENGTH && hasRightCheck(code)) return { kind: "shop", code };
    return { kind: "nothing" };
  }

  function hasRightCheck(code) {
    const body = [...code.slice(0, -1)];
    const total = body.reduce((sum, character, place) => sum + CODE.indexOf(character) * (3 ** (place + 1) % 31), 0);
    return CODE[total % 31] === code.at(-1);
  }

  function isUscc(code) {
    const body = [...code.slice(0, 17)];
    const total = body.reduce((sum, character, place) => sum + USCC.indexOf(character) * (3 ** place % 31), 0);
    return USCC[(31 - (total % 31)) % 31] === code.at(-1);
  }

  return { read, verify, Unreadable };
})();
