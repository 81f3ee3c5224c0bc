import { type Html, html, joined } from './http-docs-html.ts';
import { fieldsOf, kindOf } from './http-docs-schema.ts';
import type { Part } from './http-openapi-finish.ts';

/** The description of the interface as one page without a script. (SPEC AP6) */

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly of: Part;
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];
const inPart = (parent: unknown, ...keys: string[]): Part =>
  keys.reduce<Part>((part, key) => (part[key] ?? {}) as Part, (parent ?? {}) as Part);
const words = (part: Part, key: string): string => String(part[key] ?? '');

export function pageFor(document: Part): string {
  const info = inPart(document, 'info');
  const operations = operationsIn(document);
  const tags = (document['tags'] ?? []) as { name: string; description: string }[];
  const used = tags.filter(({ name }) => operations.some((o) => tagOf(o) === name));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Cordon: the interface, version ${words(info, 'version')}</title>
        <link rel="stylesheet" href="docs/style.css" />
      </head>
      <body>
        <a class="skip" href="#main">To the contents</a>
        <header>
          <h1>Cordon: the interface <small>version ${words(info, 'version')}</small></h1>
          ${paragraphs(words(info, 'description'))}
          <p>
            For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1). Questions:
            <a href="${words(inPart(info, 'contact'), 'url')}"
              >${words(inPart(info, 'contact'), 'name')}</a
            >. Licence: ${words(inPart(info, 'license'), 'name')}.
          </p>
        </header>
        <nav aria-label="Contents">
          ${used.map(({ name }) => contentsOf(name, operations))}
          <p><a href="#sign-in">Signing in</a>, <a href="#schemas">What is sent and answered</a></p>
        </nav>
        <main id="main">
          ${used.map((tag) => sectionOf(tag, operations))}
          ${signInSection(inPart(document, 'components', 'securitySchemes'))}
          ${schemaSection(inPart(document, 'components', 'schemas'))}
        </main>
      </body>
    </html> `;
  return page.text;
}

function operationsIn(document: Part): Operation[] {
  return Object.entries(inPart(document, 'paths')).flatMap(([path, methods]) =>
    Object.entries(methods as Part)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, of]) => ({ method: method.toUpperCase(), path, of: of as Part })),
  );
}

const tagOf = ({ of }: Operation): string => String(((of['tags'] ?? []) as string[])[0]);

const paragraphs = (text: string): readonly Html[] =>
  text
    .split(/\n\s*\n/)
    .filter((part) => part.trim() !== '')
    .map((part) => html`<p>${part}</p> `);

/** The Dutch word in brackets is read out as Dutch. */
function summaryOf(of: Part): Html {
  const [, english = words(of, 'summary'), dutch] =
    /^(.*) \(([^)]*)\)$/.exec(words(of, 'summary')) ?? [];
  return dutch === undefined
    ? html`${english}`
    : html`${english} (<span lang="nl">${dutch}</span>)`;
}

const contentsOf = (tag: string, operations: readonly Operation[]): Html =>
  html`<h2>${tag}</h2>
    <ul>
      ${operations
        .filter((operation) => tagOf(operation) === tag)
        .map(
          ({ method, path, of }) =>
            html`<li><a href="#${words(of, 'operationId')}">${method} ${path}</a></li> `,
        )}
    </ul> `;

const sectionOf = (
  { name, description }: { name: string; description: string },
  operations: readonly Operation[],
): Html =>
  html`<section aria-labelledby="tag-${name}">
    <h2 id="tag-${name}">${name}</h2>
    <p>${description}</p>
    ${operations.filter((operation) => tagOf(operation) === name).map(operationArticle)}
  </section> `;

function operationArticle({ method, path, of }: Operation): Html {
  return html`<article aria-labelledby="${words(of, 'operationId')}">
    <h3 id="${words(of, 'operationId')}"><code>${method} ${path}</code></h3>
    <p><strong>${summaryOf(of)}</strong></p>
    ${paragraphs(words(of, 'description'))} ${parameterTable(of)} ${bodyOf(of)} ${answersOf(of)}
  </article> `;
}

function parameterTable(of: Part): Html {
  const parameters = (of['parameters'] ?? []) as Part[];
  if (parameters.length === 0) return html``;
  const rows = parameters.map((parameter) => {
    const must = parameter['required'] === true ? 'required' : '';
    return html`<tr>
      <th scope="row"><code>${words(parameter, 'name')}</code></th>
      <td>${words(parameter, 'in')} ${must}</td>
      <td>${kindOf(inPart(parameter, 'schema'))}</td>
      <td>${words(parameter, 'description')}</td>
    </tr> `;
  });
  return html`<div
    class="wide"
    role="region"
    tabindex="0"
    aria-label="Parameters of ${words(of, 'operationId')}"
  >
    <table>
      <caption>
        Parameters
      </caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Where</th>
          <th scope="col">Kind</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function bodyOf(of: Part): Html {
  const contents = Object.entries(inPart(of, 'requestBody', 'content'));
  return html`${contents.map(([type, media]) => {
    const schema = inPart(media, 'schema');
    return html`<h4>Body: <code>${type}</code></h4>
      ${schema['$ref'] === undefined ? fieldsOf(schema) : html`<p>${kindOf(schema)}</p>`}
      ${exampleOf(media as Part)}`;
  })}`;
}

function answersOf(of: Part): Html {
  const answers = Object.entries(inPart(of, 'responses'));
  const good = answers.filter(([status]) => /^[123]/.test(status));
  const refused = answers.map(([status]) => status).filter((status) => /^[45]/.test(status));
  return html`<h4>Answers</h4>
    <ul>
      ${good.map(
        ([status, response]) =>
          html`<li><strong>${status}</strong> ${answerOf(response as Part)}</li> `,
      )}
      <li>
        Refused:
        ${joined(
          refused.map((status) => html`<strong>${status}</strong>`),
          ', ',
        )},
        each a <a href="#schema-Problem">Problem</a>
      </li>
    </ul>
    ${good.slice(0, 1).map(([, response]) => exampleOf(inPart(response, 'content', 'application/json')))}`;
}

function answerOf(response: Part): Html {
  const schema = inPart(response, 'content', 'application/json', 'schema');
  const headers = Object.keys(inPart(response, 'headers'));
  const names = joined(
    headers.map((name) => html`<code>${name}</code>`),
    ', ',
  );
  const kind =
    Object.keys(schema).length === 0 ? html`${words(response, 'description')}` : kindIn(schema);
  return html`${kind}, with ${names}`;
}

/** A page of something has no name of its own. */
function kindIn(schema: Part): Html {
  const items = inPart(schema, 'properties', 'items');
  return items['items'] === undefined ? kindOf(schema) : html`a page: ${kindOf(items)}`;
}

function exampleOf(media: Part): Html {
  if (media['example'] === undefined) return html``;
  return html`<details>
    <summary>Example</summary>
    <pre tabindex="0">${JSON.stringify(media['example'], null, 2)}</pre>
  </details> `;
}

const signInSection = (schemes: Part): Html =>
  html`<section aria-labelledby="sign-in">
    <h2 id="sign-in">Signing in</h2>
    <ul>
      ${Object.entries(schemes).map(([name, scheme]) => {
        const scopes = Object.entries(inPart(scheme, 'flows', 'clientCredentials', 'scopes'));
        const list = scopes.map(
          ([scope, meaning]) => html`<li><code>${scope}</code>: ${String(meaning)}</li> `,
        );
        return html`<li>
          <code>${name}</code>:
          ${words(scheme as Part, 'description')}${
            list.length === 0
              ? ''
              : html`<ul>
                  ${list}
                </ul>`
          }
        </li> `;
      })}
    </ul>
  </section> `;

const schemaSection = (schemas: Part): Html =>
  html`<section aria-labelledby="schemas">
    <h2 id="schemas">What is sent and answered</h2>
    ${Object.entries(schemas).map(
      ([name, schema]) =>
        html`<article aria-labelledby="schema-${name}">
          <h3 id="schema-${name}">${name}</h3>
          ${fieldsOf(schema as Part)}
        </article> `,
    )}
  </section> `;
