// Sheet numbers as core/sheet_numbers.py has them: 31 signs, weights 1 to 7, the sum a multiple of 31.
export const SIGNS = "23456789ABCDEFGHJKLMNPQRSTVWXYZ";
const EASTERN = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹";

export function bare(text) {
  const plain = [...text].map((sign) => (EASTERN.includes(sign) ? String(EASTERN.indexOf(sign) % 10) : sign)).join("");
  return plain.replace(/[\s\-‐-―−_.]+/g, "").toUpperCase();
}

export function fits(text) {
  const signs = bare(text);
  if (signs.length !== 7 || [...signs].some((sign) => !SIGNS.includes(sign))) return false;
  return [...signs].reduce((sum, sign, place) => sum + (place + 1) * SIGNS.indexOf(sign), 0) % SIGNS.length === 0;
}

export function shown(text) {
  const signs = bare(text);
  return `${signs.slice(0, 2)}-${signs.slice(2, 6)}-${signs.slice(6)}`;
}
