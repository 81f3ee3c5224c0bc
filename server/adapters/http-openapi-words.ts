/**
 * What the description of the interface says in words, for developers of CJIB and police. English,
 * with the Dutch word of the field beside it: docs/GLOSSARY.md is the list of both.
 */

export interface OperationWords {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
  /** Refusals that only this operation knows; those of every operation are added to them. */
  readonly refusals?: readonly number[];
  /** One order with its zones and its tag, or a page of them. */
  readonly answers?: 'order' | 'orders';
}

export const INTRODUCTION = `
Cordon watches over court orders against stalking. CJIB puts orders and hears what became of them;
police operators read alerts; an approver checks an order before it works.

The interface is in English. The Dutch words of the field are: order (rechterlijk bevel), ban
(verbod), contact ban (contactverbod), location ban (locatieverbod), location duty (locatiegebod),
zone (gebied), wearer (drager), victim (slachtoffer), approval (goedkeuring), suspension
(schorsing), withdrawal (intrekking), alert (melding).

Every call may be repeated: an order that is put again unchanged is the same order. Answers are
JSON; times are in UTC and may be sent with any offset; coordinates are longitude and latitude
(CRS84) unless Content-Crs or crs name another system. A refusal is a problem (RFC 9457), which
names every fault of the request at once by JSON pointer.

The version stands in the path and, in full, in the header API-Version. A new major version is
announced at least six months before the last one ends, during which both work.
`.trim();

export const TAGS: Readonly<Record<string, string>> = {
  orders: 'Court orders (rechterlijke bevelen): bans with their zones and schedules.',
  subscriptions: 'What CJIB wants to be told (abonnementen), and the events it can fetch.',
  clients: 'Machines that may ask (aansluitingen), with their keys and scopes.',
  tokens: 'Access tokens of machines (toegangsbewijzen).',
  devices: 'Ankle monitors and victim devices (enkelbanden en slachtofferapparaten).',
  alerts: 'Alerts (meldingen) and what operators did about them.',
  persons: 'Positions of a person (posities), for a reason that is recorded.',
  looks: 'Who looked at whose positions (inzage).',
  sessions: 'Signing in (aanmelden) of people.',
  health: 'Whether the server works (gezondheid).',
  meta: 'The interface itself (over deze interface).',
};

export const PARAMETERS: Readonly<Record<string, string>> = {
  orderId: 'Id of the order, chosen by who sends it. No number of a person or of a case.',
  banId: 'Id of the ban within its order.',
  deviceId: 'Id of the device, as it stands in its MQTT topics.',
  alertId: 'Id of the alert.',
  personId: 'Opaque id of the wearer or victim.',
  clientId: 'Id of the machine.',
  subscriptionId: 'Id of the subscription, chosen by who makes it.',
  limit: 'How many items a page has at most.',
  after: 'Where to go on: comes from "next" of the page before.',
  state: 'Only alerts in this state.',
  status: 'Only orders whose newest version has this status.',
  wearerId: 'Only orders of this wearer.',
  bbox: 'Only orders with a zone whose box meets this one: west,south,east,north.',
  'bbox-crs': 'The reference system of bbox; CRS84 when left out.',
  crs: 'The reference system of the answer; CRS84 when left out.',
  from: 'From this instant on.',
  to: 'Up to this instant.',
  reason: 'Why you look. Gone with version 2: use the header Cordon-Reason.',
  'If-Match': 'ETag of the version to replace; "*" for whichever is current.',
  'Content-Crs': 'The reference system of the zones in the body; CRS84 when left out.',
  'Cordon-Reason': 'Why you look. Kept with your name.',
};

export const OPERATIONS: Readonly<Record<string, OperationWords>> = {
  'PUT /orders/{orderId}': {
    id: 'putOrder',
    answers: 'order',
    summary: 'Put an order (bevel aanbieden)',
    description:
      'Creates an order or replaces it as a whole. The same order again changes nothing and needs ' +
      'no If-Match. Replacing needs If-Match with the ETag of the newest version.',
    refusals: [409, 412, 428],
  },
  'GET /orders': { id: 'listOrders', answers: 'orders', summary: 'List orders (bevelen opvragen)' },
  'GET /orders/{orderId}': {
    id: 'getOrder',
    answers: 'order',
    summary: 'Read an order (bevel opvragen)',
  },
  'GET /orders/{orderId}/versions': {
    id: 'listOrderVersions',
    answers: 'orders',
    summary: 'List the versions of an order (versies van een bevel)',
    description: 'Oldest first. Each step in the life of an order is a version.',
  },
  'POST /orders/{orderId}/approvals': {
    id: 'approveOrder',
    answers: 'order',
    summary: 'Approve an order (bevel goedkeuren)',
    description: 'By a second person: who sent a version may not approve it.',
    refusals: [409],
  },
  'POST /orders/{orderId}/rejections': {
    id: 'rejectOrder',
    answers: 'order',
    summary: 'Reject an order (bevel afkeuren)',
    refusals: [409],
  },
  'POST /orders/{orderId}/suspensions': {
    id: 'suspendOrder',
    answers: 'order',
    summary: 'Suspend an order (bevel schorsen)',
    refusals: [409],
  },
  'POST /orders/{orderId}/resumptions': {
    id: 'resumeOrder',
    answers: 'order',
    summary: 'Resume an order (schorsing opheffen)',
    refusals: [409],
  },
  'POST /orders/{orderId}/withdrawals': {
    id: 'withdrawOrder',
    answers: 'order',
    summary: 'Withdraw an order (bevel intrekken)',
    description: 'For ever: a withdrawn order takes no more changes.',
    refusals: [409],
  },
  'PUT /orders/{orderId}/bans/{banId}/zone': {
    id: 'drawZone',
    answers: 'order',
    summary: 'Draw the zone of a ban (gebied intekenen)',
    refusals: [409, 412, 428],
  },
  'POST /orders/{orderId}/previews': {
    id: 'previewOrder',
    summary: 'Preview an order (bevel vooraf bekijken)',
    description: 'What its zones overlap, and what it would have cost in alerts.',
    refusals: [409, 429],
  },
  'GET /orders/{orderId}/compliance': {
    id: 'getCompliance',
    summary: 'Read how an order is kept (naleving)',
    description: 'Counts and times of alerts; no positions.',
  },
  'PUT /subscriptions/{subscriptionId}': {
    id: 'putSubscription',
    summary: 'Put a subscription (abonnement vastleggen)',
    refusals: [409],
  },
  'GET /subscriptions/{subscriptionId}': {
    id: 'getSubscription',
    summary: 'Read a subscription (abonnement opvragen)',
  },
  'GET /subscriptions': {
    id: 'listSubscriptions',
    summary: 'List subscriptions (abonnementen opvragen)',
  },
  'DELETE /subscriptions/{subscriptionId}': {
    id: 'deleteSubscription',
    summary: 'End a subscription (abonnement beëindigen)',
  },
  'GET /events': { id: 'listEvents', summary: 'Fetch events (gebeurtenissen ophalen)' },
  'PUT /clients/{clientId}': {
    id: 'putClient',
    summary: 'Register a machine (aansluiting vastleggen)',
    refusals: [409, 412, 428],
  },
  'GET /clients/{clientId}': { id: 'getClient', summary: 'Read a machine (aansluiting opvragen)' },
  'GET /clients': { id: 'listClients', summary: 'List machines (aansluitingen opvragen)' },
  'DELETE /clients/{clientId}': {
    id: 'deleteClient',
    summary: 'End a machine (aansluiting beëindigen)',
    refusals: [412, 428],
  },
  'POST /tokens': {
    id: 'makeToken',
    summary: 'Ask for an access token (toegangsbewijs aanvragen)',
    description: 'Client credentials with a signed assertion (RFC 6749 §4.4, RFC 7523 §2.2).',
    refusals: [429],
  },
  'GET /jwks.json': {
    id: 'getKeys',
    summary: 'Read the public keys of this server (publieke sleutels)',
  },
  'PUT /devices/{deviceId}': { id: 'putDevice', summary: 'Put a device (apparaat vastleggen)' },
  'GET /devices': { id: 'listDevices', summary: 'List devices (apparaten opvragen)' },
  'GET /alerts': { id: 'listAlerts', summary: 'List alerts (meldingen opvragen)' },
  'GET /alerts/{alertId}': { id: 'getAlert', summary: 'Read an alert (melding opvragen)' },
  'GET /alerts/{alertId}/events': {
    id: 'listAlertEvents',
    summary: 'List what happened to an alert (verloop van een melding)',
  },
  'GET /alerts/{alertId}/track': {
    id: 'getTrack',
    summary: 'Read the track of an alert (spoor van een melding)',
    description: 'The look is recorded.',
  },
  'POST /alerts/{alertId}/acknowledgement': {
    id: 'acknowledgeAlert',
    summary: 'Acknowledge an alert (melding bevestigen)',
    refusals: [409],
  },
  'POST /alerts/{alertId}/notes': {
    id: 'addNote',
    summary: 'Add a note to an alert (notitie toevoegen)',
    refusals: [409],
  },
  'POST /alerts/{alertId}/dispatches': {
    id: 'addDispatch',
    summary: 'Tell that a unit was sent (eenheid sturen)',
    refusals: [409],
  },
  'POST /alerts/{alertId}/closure': {
    id: 'closeAlert',
    summary: 'Close an alert with a finding (melding sluiten)',
    refusals: [409],
  },
  'POST /alerts/{alertId}/shelving': {
    id: 'shelveAlert',
    summary: 'Shelve an alert for a while (melding opschorten)',
    refusals: [409],
  },
  'GET /persons/{personId}/positions': {
    id: 'listPositions',
    summary: 'Read the positions of a person (posities inzien)',
    description: 'Needs a reason. Who looked, when and why is recorded.',
    refusals: [429],
  },
  'GET /looks': { id: 'listLooks', summary: 'List who looked at positions (inzage opvragen)' },
  'POST /sessions': { id: 'signIn', summary: 'Sign in (aanmelden)', refusals: [401, 429] },
  'GET /sessions/current': {
    id: 'getSession',
    summary: 'Read your own session (eigen sessie)',
    refusals: [404],
  },
  'DELETE /sessions/current': { id: 'signOut', summary: 'Sign out (afmelden)', refusals: [404] },
  'GET /console': {
    id: 'openConsole',
    summary: 'Open the feed of the console (meldkamerscherm)',
    description: 'A WebSocket: a request that asks for no upgrade is answered with 426.',
    refusals: [426, 503],
  },
  'GET /openapi.json': { id: 'getOpenapi', summary: 'Read this description (deze beschrijving)' },
  'GET /health/live': { id: 'getLive', summary: 'Does the server answer (leeft)' },
  'GET /health/ready': {
    id: 'getReady',
    summary: 'Does what protection rests on work (gereed)',
  },
  'GET /metrics': { id: 'getMetrics', summary: 'Counters for a monitoring system (meetwaarden)' },
};
