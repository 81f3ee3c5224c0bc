import type { AlertBasis, AlertCode, AlertReason, Certainty } from './alert.ts';
import type { Language } from './figures.ts';

type DeviceCode = Exclude<AlertCode, 'contact-ban' | 'location-ban' | 'location-duty'>;
export type Mover = NonNullable<AlertBasis['mover']>;
type BanCode = Exclude<AlertCode, DeviceCode>;

/** `is` or `was`: an alert that is over must not read as if it still held. */
export interface Tense {
  readonly past: boolean;
  readonly certainty: Certainty | null;
}

/** The parts that the sentence of an alert is put together from; one such catalogue a language. */
export interface Phrases {
  readonly wearer: (id: string | null) => string;
  readonly victim: (id: string | null) => string;
  readonly place: (code: BanCode, name: string | null) => string;
  readonly within: (who: string, limit: string | null, whom: string, tense: Tense) => string;
  readonly withinWarning: (who: string, limit: string | null, whom: string, tense: Tense) => string;
  readonly onCourse: (who: string, target: string, tense: Tense) => string;
  readonly inside: (who: string, place: string, tense: Tense) => string;
  readonly inBuffer: (who: string, place: string, tense: Tense) => string;
  readonly outside: (who: string, place: string, tense: Tense) => string;
  /** Between two fixes, at a time of day or none; the finding says how sure. */
  readonly passed: (
    who: string,
    limit: string | null,
    whom: string,
    at: string,
    tense: Tense,
  ) => string;
  readonly passedInside: (who: string, place: string, at: string, tense: Tense) => string;
  readonly closest: (distance: string) => string;
  readonly unknown: (claim: string, past: boolean) => string;
  /** The claims of which `unknown` says that they cannot be ruled out; verb last in Dutch. */
  readonly maybeWithin: (who: string, limit: string | null, whom: string) => string;
  readonly maybeInside: (who: string, place: string) => string;
  readonly maybeOutside: (who: string, place: string) => string;
  readonly device: Record<DeviceCode, (device: string, past: boolean) => string>;
  readonly deviceOf: (deviceId: string | null, holder: string | null) => string;
  readonly cause: Partial<Record<AlertReason, string>>;
  readonly apart: (distance: string) => string;
  /** After another distance: that of now. */
  readonly apartNow: (distance: string) => string;
  readonly fromEdge: (distance: string) => string;
  readonly beyondEdge: (distance: string) => string;
  readonly reach: (distance: string) => string;
  readonly late: (duration: string) => string;
  readonly closing: Record<Mover, (speed: string) => string>;
  readonly leaving: (speed: string) => string;
  readonly breachIn: (duration: string) => string;
  readonly contactIn: (duration: string) => string;
  readonly contactNow: string;
  readonly breachNow: string;
  readonly oldFix: (role: 'wearer' | 'victim', age: string) => string;
  readonly over: (time: string) => string;
  readonly between: (from: string, until: string) => string;
  readonly learnt: (time: string) => string;
}

const SURE_NL: Record<Certainty, string> = {
  possible: 'mogelijk ',
  likely: 'waarschijnlijk ',
  certain: 'vrijwel zeker ',
};
const SURE_EN: Record<Certainty, string> = {
  possible: 'possibly ',
  likely: 'probably ',
  certain: 'almost certainly ',
};
const nl = ({ past, certainty }: Tense): string =>
  `${past ? 'was' : 'is'} ${certainty ? SURE_NL[certainty] : ''}`;
const en = ({ past, certainty }: Tense): string =>
  `${past ? 'was' : 'is'} ${certainty ? SURE_EN[certainty] : ''}`;
const quoted = (name: string | null): string => (name === null ? '' : ` “${name}”`);

const DUTCH: Phrases = {
  wearer: (id) => (id === null ? 'de drager' : `drager ${id}`),
  victim: (id) => (id === null ? 'het slachtoffer' : `slachtoffer ${id}`),
  place: (code, name) =>
    code === 'location-duty'
      ? `het verplichte gebied${quoted(name)}`
      : `verboden gebied${quoted(name)}`,
  within: (who, limit, whom, tense) =>
    `${who} ${nl(tense)}${limit === null ? 'te dicht bij' : `binnen ${limit} van`} ${whom}`,
  withinWarning: (who, limit, whom, tense) =>
    `${who} ${nl(tense)}binnen de waarschuwingsafstand${limit ? ` (${limit})` : ''} van ${whom}`,
  onCourse: (who, target, tense) => `${who} ${nl(tense)}op weg naar ${target}`,
  inside: (who, place, tense) => `${who} ${nl(tense)}in ${place}`,
  inBuffer: (who, place, tense) => `${who} ${nl(tense)}in de bufferzone van ${place}`,
  outside: (who, place, tense) => `${who} ${nl(tense)}buiten ${place}`,
  passed: (who, limit, whom, at, { certainty }) =>
    `${who} kwam ${certainty ? SURE_NL[certainty] : ''}tussen twee posities${at && ` om ${at}`} ${
      limit === null ? 'te dicht bij' : `binnen ${limit} van`
    } ${whom}`,
  passedInside: (who, place, at, { certainty }) =>
    `${who} was ${certainty ? SURE_NL[certainty] : ''}tussen twee posities${at && ` om ${at}`} in ${place}`,
  closest: (distance) => `op zijn dichtst ${distance}`,
  unknown: (claim, past) => `niet uit te sluiten ${past ? 'was' : 'is'} dat ${claim}`,
  maybeWithin: (who, limit, whom) =>
    limit === null ? `${who} te dicht bij ${whom} is` : `${who} binnen ${limit} van ${whom} is`,
  maybeInside: (who, place) => `${who} in ${place} is`,
  maybeOutside: (who, place) => `${who} buiten ${place} is`,
  deviceOf: (deviceId, holder) => {
    const device = deviceId === null ? 'een apparaat' : `apparaat ${deviceId}`;
    return holder === null ? device : `${device} van ${holder}`;
  },
  device: {
    sos: (device) => `SOS ingedrukt op ${device}`,
    'strap-tamper': (device) => `band losgemaakt of doorgeknipt: ${device}`,
    'case-tamper': (device) => `behuizing geopend of beschadigd: ${device}`,
    'power-off': (device) => `${device} meldt dat het is uitgezet`,
    'battery-low': (device) => `batterij bijna leeg: ${device}`,
    jamming: (device) => `mogelijke stoorzender: ${device} meldt verstoorde ontvangst`,
    silent: (device, past) => `geen contact ${past ? 'gehad ' : ''}met ${device}`,
    blind: (device, past) =>
      `${device} ${past ? 'had' : 'heeft'} contact maar geen bruikbare positie`,
    implausible: (device) => `${device} meldt iets dat niet kan kloppen`,
    'broker-lost': (_device, past) =>
      past
        ? 'de verbinding met de berichtenbroker was weg: er kwamen geen posities binnen'
        : 'de verbinding met de berichtenbroker is weg: er komen geen posities binnen',
    'store-failing': (_device, past) =>
      past
        ? 'de opslag faalde: bewaken en waarschuwen gingen door'
        : 'de opslag faalt: bewaken en waarschuwen gaan door',
    'evaluator-late': (_device, past) =>
      past
        ? 'de beoordeling liep achter: meldingen kwamen te laat'
        : 'de beoordeling loopt achter: meldingen komen te laat',
    'case-failed': (_device, past) =>
      `een zaak ${past ? 'werd' : 'wordt'} niet meer beoordeeld door een fout: niet bewaakt`,
    'gap-possible': () => 'berichten van apparaten kunnen ontbreken',
    'canary-missed': (_device, past) =>
      `de proef die elke minuut door de hele keten gaat ${past ? 'kwam' : 'komt'} niet aan`,
    'limit-near': (_device, past) => `een grens van het systeem ${past ? 'kwam' : 'komt'} in zicht`,
    'clock-stepped': (_device, past) =>
      `de klok van de server ${past ? 'was' : 'is'} versprongen: de bewaking ${past ? 'hield' : 'houdt'} haar eigen tijd aan`,
    'message-parked': () => 'een bericht kon niet worden verwerkt en is apart gezet',
    'device-flooding': (_device, past) =>
      `een apparaat ${past ? 'stuurde' : 'stuurt'} veel meer dan afgesproken en ${past ? 'werd' : 'wordt'} afgeremd`,
    'journal-broken': () =>
      'het logboek van besluiten klopt niet meer: er is iets gewijzigd of weg',
    'zone-missing': () =>
      'een bevel noemt een gebied dat nog niemand getekend heeft: dat verbod wordt niet gehandhaafd',
    'feedback-failing': (_device, past) =>
      `berichten aan CJIB ${past ? 'konden' : 'kunnen'} niet worden afgeleverd`,
  },
  cause: {
    'no-contact': 'een apparaat heeft geen contact',
    'no-usable-fix': 'er is geen bruikbare positie',
    'reported-by-device': 'gemeld door het apparaat zelf',
    'at-the-line': 'zo dicht bij de grens dat de volgende posities moeten beslissen',
    teleport: 'een verplaatsing die sneller is dan kan',
    frozen: 'de ontvanger hangt: in beweging, maar steeds dezelfde plaats',
    'clock-off': 'de klok van het apparaat wijkt te veel af',
    'seq-reused': 'volgnummers zijn opnieuw gebruikt, mogelijk nagespeelde berichten',
    'component-failed': 'een onderdeel van het systeem faalt',
    'was-down': 'de server stond stil',
    'session-lost': 'de berichtenbroker was kwijt wat hij voor ons bewaarde',
  },
  apart: (distance) => distance,
  apartNow: (distance) => `nu ${distance}`,
  fromEdge: (distance) => `${distance} van de grens`,
  beyondEdge: (distance) => `${distance} voorbij de grens`,
  reach: (distance) => `sinds de laatste posities tot ${distance} te verplaatsen`,
  late: (duration) => `pas na ${duration} ontvangen`,
  closing: {
    wearer: (speed) => `drager nadert met ${speed}`,
    victim: (speed) => `slachtoffer beweegt naar drager toe met ${speed}`,
    both: (speed) => `ze naderen elkaar met ${speed}`,
    together: (speed) => `beiden dezelfde kant op, onderlinge afstand krimpt met ${speed}`,
    neither: (speed) => `nadert met ${speed}`,
  },
  leaving: (speed) => `afstand groeit met ${speed}`,
  breachIn: (duration) => `over de grens over ca. ${duration}`,
  contactIn: (duration) => `bij het slachtoffer over ca. ${duration}`,
  contactNow: 'kan nu al bij het slachtoffer zijn',
  breachNow: 'kan nu al over de grens zijn',
  oldFix: (role, age) =>
    `laatste positie ${role === 'wearer' ? 'drager' : 'slachtoffer'} ${age} oud`,
  over: (time) => `voorbij sinds ${time}: `,
  between: (from, until) => `van ${from} tot ${until}`,
  learnt: (time) => `pas bekend om ${time}`,
};

const ENGLISH: Phrases = {
  wearer: (id) => (id === null ? 'the wearer' : `wearer ${id}`),
  victim: (id) => (id === null ? 'the victim' : `victim ${id}`),
  place: (code, name) =>
    code === 'location-duty' ? `the required zone${quoted(name)}` : `forbidden zone${quoted(name)}`,
  within: (who, limit, whom, tense) =>
    `${who} ${en(tense)}${limit === null ? 'too close to' : `within ${limit} of`} ${whom}`,
  withinWarning: (who, limit, whom, tense) =>
    `${who} ${en(tense)}within the warning distance${limit ? ` (${limit})` : ''} of ${whom}`,
  onCourse: (who, target, tense) => `${who} ${en(tense)}on course for ${target}`,
  inside: (who, place, tense) => `${who} ${en(tense)}inside ${place}`,
  inBuffer: (who, place, tense) => `${who} ${en(tense)}in the buffer around ${place}`,
  outside: (who, place, tense) => `${who} ${en(tense)}outside ${place}`,
  passed: (who, limit, whom, at, { certainty }) =>
    `${who} ${certainty ? SURE_EN[certainty] : ''}came ${
      limit === null ? 'too close to' : `within ${limit} of`
    } ${whom} between two positions${at && ` at ${at}`}`,
  passedInside: (who, place, at, { certainty }) =>
    `${who} was ${certainty ? SURE_EN[certainty] : ''}inside ${place} between two positions${at && ` at ${at}`}`,
  closest: (distance) => `${distance} at the closest`,
  unknown: (claim, past) => `it ${past ? 'could' : 'can'} not be ruled out that ${claim}`,
  maybeWithin: (who, limit, whom) =>
    limit === null ? `${who} is too close to ${whom}` : `${who} is within ${limit} of ${whom}`,
  maybeInside: (who, place) => `${who} is inside ${place}`,
  maybeOutside: (who, place) => `${who} is outside ${place}`,
  deviceOf: (deviceId, holder) => {
    const device = deviceId === null ? 'a device' : `device ${deviceId}`;
    return holder === null ? device : `${device} of ${holder}`;
  },
  device: {
    sos: (device) => `SOS pressed on ${device}`,
    'strap-tamper': (device) => `strap opened or cut: ${device}`,
    'case-tamper': (device) => `case opened or damaged: ${device}`,
    'power-off': (device) => `${device} reports that it was switched off`,
    'battery-low': (device) => `battery nearly empty: ${device}`,
    jamming: (device) => `possible jammer: ${device} reports disturbed reception`,
    silent: (device, past) => `${past ? 'there was ' : ''}no contact with ${device}`,
    blind: (device, past) => `${device} ${past ? 'had' : 'has'} contact but no usable position`,
    implausible: (device) => `${device} reports what cannot be true`,
    'broker-lost': (_device, past) =>
      past
        ? 'the link to the message broker was down: no positions came in'
        : 'the link to the message broker is down: no positions come in',
    'store-failing': (_device, past) =>
      `storage ${past ? 'was' : 'is'} failing: watching and warning ${past ? 'went' : 'go'} on`,
    'evaluator-late': (_device, past) =>
      `evaluation ${past ? 'was' : 'is'} behind: alerts ${past ? 'came' : 'come'} late`,
    'case-failed': (_device, past) =>
      `a case ${past ? 'was' : 'is'} no longer evaluated because of an error: not watched`,
    'gap-possible': () => 'messages of devices may be missing',
    'canary-missed': (_device, past) =>
      `the probe that goes through the whole chain each minute ${past ? 'did' : 'does'} not arrive`,
    'limit-near': (_device, past) => `a limit of the system ${past ? 'came' : 'is'} near`,
    'clock-stepped': (_device, past) =>
      `the server's clock ${past ? 'had' : 'has'} jumped: watching ${past ? 'kept' : 'keeps'} its own time`,
    'message-parked': () => 'a message could not be handled and was set aside',
    'device-flooding': (_device, past) =>
      `a device ${past ? 'sent' : 'sends'} far more than agreed and ${past ? 'was' : 'is'} slowed down`,
    'journal-broken': () =>
      'the journal of decisions does not add up: something was changed or is gone',
    'zone-missing': () =>
      'an order names a place that nobody has drawn yet: that ban is not enforced',
    'feedback-failing': (_device, past) =>
      `events for CJIB ${past ? 'could' : 'can'} not be delivered`,
  },
  cause: {
    'no-contact': 'a device has no contact',
    'no-usable-fix': 'there is no usable position',
    'reported-by-device': 'reported by the device itself',
    'at-the-line': 'so near the limit that the next positions must decide',
    teleport: 'a move faster than is possible',
    frozen: 'the receiver hangs: on the move, yet always the same place',
    'clock-off': "the device's clock is too far off",
    'seq-reused': 'sequence numbers were used again, possibly replayed messages',
    'component-failed': 'a part of the system is failing',
    'was-down': 'the server was down',
    'session-lost': 'the broker had lost what it kept for us',
  },
  apart: (distance) => distance,
  apartNow: (distance) => `now ${distance}`,
  fromEdge: (distance) => `${distance} from the edge`,
  beyondEdge: (distance) => `${distance} past the edge`,
  reach: (distance) => `up to ${distance} to move since the last positions`,
  late: (duration) => `received only after ${duration}`,
  closing: {
    wearer: (speed) => `wearer approaching at ${speed}`,
    victim: (speed) => `victim moving towards wearer at ${speed}`,
    both: (speed) => `approaching each other at ${speed}`,
    together: (speed) => `both going the same way, the distance shrinking at ${speed}`,
    neither: (speed) => `approaching at ${speed}`,
  },
  leaving: (speed) => `moving apart at ${speed}`,
  breachIn: (duration) => `over the limit in about ${duration}`,
  contactIn: (duration) => `at the victim in about ${duration}`,
  contactNow: 'may already be at the victim',
  breachNow: 'may already be over the limit',
  oldFix: (role, age) => `last position of ${role} ${age} old`,
  over: (time) => `over since ${time}: `,
  between: (from, until) => `from ${from} to ${until}`,
  learnt: (time) => `learnt only at ${time}`,
};

export const PHRASES: Record<Language, Phrases> = { nl: DUTCH, en: ENGLISH };
