// The fields of a form, looking and speaking like the desk's. A form's values are a plain object of texts.

import { html, icon } from "./html.js";
import { t } from "./words.js";

const help = (field) => html`${field.help && html`<p class="help" id="h-${field.name}">${field.help}</p>`}
  ${field.error && html`<p class="error" id="e-${field.name}">${icon("triangle-alert")}<span>${field.error}</span></p>`}`;

const described = (field) => [field.help && `h-${field.name}`, field.error && `e-${field.name}`].filter(Boolean).join(" ");

/** One choice of several, each a big line. `options`: [[value, label, help?]]; `many`: any number of them. */
export const choices = (field) => html`
  <fieldset class="question${field.error ? " wrong" : ""}${field.alone ? " alone" : ""}" ${field.lang && html`lang="${field.lang}" dir="${field.dir}"`}
    ${described(field) && html`aria-describedby="${described(field)}"`} id="f-${field.name}">
    <legend>${field.legend}${field.optional && html` <span class="soft">${t("form.optional")}</span>`}</legend>
    ${help(field)}
    <div class="choices${field.two ? " two" : ""}">${field.options.map(([value, label, more], n) => html`
      <label class="choice${value === "declined" ? " decline" : ""}"><input type="${field.many ? "checkbox" : "radio"}" name="${field.name}"
        value="${value}" id="i-${field.name}-${n}" ${chosen(field, value) && html`checked`}><span>${label}${more && html`<span class="help">${more}</span>`}</span></label>`)}
    </div>
  </fieldset>`;

const chosen = (field, value) => (Array.isArray(field.value) ? field.value.includes(value) : String(field.value === undefined || field.value === null ? "" : field.value) === String(value));

/** A line of text, a number, a day or an hour. */
export const line = (field) => html`
  <div class="question${field.error ? " wrong" : ""}" id="f-${field.name}">
    <label class="asked" for="i-${field.name}">${field.legend}${field.optional && html` <span class="soft">${t("form.optional")}</span>`}</label>
    ${help(field)}
    <input type="${field.type || "text"}" id="i-${field.name}" name="${field.name}" value="${field.value || ""}" autocomplete="${field.fill || "off"}"
      maxlength="${field.most || 200}" ${field.type === "number" && html`inputmode="numeric"`} ${field.list && html`list="${field.list}"`}
      ${field.error && html`aria-invalid="true"`} ${described(field) && html`aria-describedby="${described(field)}"`}>
  </div>`;

/** A few sentences. */
export const words = (field) => html`
  <div class="question${field.error ? " wrong" : ""}" id="f-${field.name}">
    <label class="asked" for="i-${field.name}">${field.legend}${field.optional && html` <span class="soft">${t("form.optional")}</span>`}</label>
    ${help(field)}
    <textarea id="i-${field.name}" name="${field.name}" rows="3" maxlength="${field.most || 2000}"
      ${field.error && html`aria-invalid="true"`} ${described(field) && html`aria-describedby="${described(field)}"`}>${field.value || ""}</textarea>
  </div>`;

/** One thing to tick. */
export const tick = (field) => html`
  <div class="question"><label class="choice"><input type="checkbox" name="${field.name}" value="yes" ${field.value && html`checked`}><span>${field.legend}</span></label></div>`;

export const yesNo = () => [["yes", t("yes")], ["no", t("no")]];

/** What must be put right, in words, with a way to each. Nothing typed is lost. */
export const faults = (found) => Object.keys(found).length > 0 && html`
  <div class="problem" role="alert" id="problems" tabindex="-1"><h2>${t("form.faults")}</h2>
  <ul>${Object.entries(found).map(([name, says]) => html`<li><a href="#f-${name}" data-do="to-field" data-field="${name}">${says}</a></li>`)}</ul></div>`;

/** A fault that stopped something, with its remedy. */
export const trouble = (fault) => fault && html`
  <div class="problem" role="alert" id="problems" tabindex="-1"><h2>${fault.says}</h2>${fault.remedy && html`<p>${fault.remedy}</p>`}</div>`;

/** The values of a form: texts, and lists of what is ticked where a name stands more than once as a box. */
export const read = (form) => {
  const found = {};
  form.querySelectorAll("input, textarea, select").forEach((field) => {
    if (!field.name || field.type === "password") return;
    if (field.type === "checkbox") {
      if (!(field.name in found)) found[field.name] = [];
      if (field.checked) found[field.name].push(field.value);
    } else if (field.type === "radio") {
      if (field.checked) found[field.name] = field.value;
      else if (!(field.name in found)) found[field.name] = "";
    } else {
      found[field.name] = field.value.trim();
    }
  });
  return found;
};

export const buttons = (...all) => html`<div class="button-row">${all}</div>`;
export const submit = (words_, more) => html`<button class="button${more ? ` ${more}` : ""}">${words_}</button>`;
