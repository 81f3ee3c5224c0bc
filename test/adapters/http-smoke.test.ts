import { test } from 'vitest';
import { httpWorld } from '../support/http-world.ts';
test('smoke', async () => {
  const w = await httpWorld();
  const o = { "reference": "CJIB-2026-000123", "legalBasis": "behavioural-order",
  "wearerId": "w-1", "validFrom": "2026-11-01T00:00:00+01:00", "validUntil": "2027-01-30T00:00:00+01:00",
  "bans": [
    { "banId": "b1", "kind": "contact-ban", "victimId": "v-1", "distanceM": 500, "warningDistanceM": 1000 },
    { "banId": "b2", "kind": "location-ban", "name": "home", "bufferM": 200,
      "zone": { "type": "Polygon", "coordinates": [[[5.10,52.08],[5.12,52.08],[5.12,52.10],[5.10,52.10],[5.10,52.08]]] },
      "schedule": null }]};
  for (const [r, m, u, b] of [['cjib','PUT','/v1/orders/o-1',o],['cjib','PUT','/v1/orders/o-1',o],['cjib','PUT','/v1/orders/o-1',{...o,reference:'x'}],['cjib','GET','/v1/orders/o-1'],['cjib','GET','/v1/orders'],
   ['operator','GET','/v1/sessions/current'],['operator','GET','/v1/alerts'],['operator','GET','/v1/alerts/x'],['administrator','PUT','/v1/devices/o-1',{kind:'ankle-monitor',personId:'w-1'}],['administrator','GET','/v1/devices'],
   [null,'GET','/v1/openapi.json'],[null,'GET','/health/ready'],[null,'GET','/metrics'],[null,'GET','/nowhere'],[null,'PATCH','/v1/sessions'],['cjib','PUT','/v1/orders/o-2',{bans:[{kind:'x'}],zz:1}],['operator','GET','/v1/console'],['auditor','GET','/v1/looks']] as any) {
    const a = await w.ask(r, m, u, b);
    console.log(r,m,u,a.statusCode,a.body.slice(0,u.includes('openapi')?3000:500), u.includes('openapi')?a.body.length:JSON.stringify(a.headers).slice(0,0));
  }
  console.log(w.log.lines.filter(l=>l.includes('fail')));
  await w.app.close();
});
