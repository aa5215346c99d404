// Logs a user in with NICE's SDK, calls what its users call, and prints what the SDK makes of the responses.
import { press, requests } from './browser.js';
import { CXoneAuth } from '@nice-devone/auth-sdk';
import { AdminService } from '@nice-devone/core-sdk';
import { CXoneRealtimeReportService } from '@nice-devone/agent-sdk/src/lib/reporting/cxone-realtime-report-service';

const { clientId, tenantId, agentId, teamId, startDate, endDate } = JSON.parse(process.argv[2]);
const stored = (name) => JSON.parse(localStorage.getItem(name));

async function main() {
  const auth = CXoneAuth.instance;
  auth.init({ cxoneHostname: 'https://cxone.niceincontact.com', clientId, redirectUri: 'http://127.0.0.1:9/callback' });
  const back = (await press(await auth.getAuthorizeUrl('page', 'S256', tenantId))).headers.get('location');
  const login = await auth.getAccessTokenByCode({ clientId, code: new URL(back).searchParams.get('code') });
  await auth.getRefreshToken();
  const renewed = stored('auth_token');
  const exchanged = await auth.getAccessTokenByToken({ accessToken: renewed.accessToken });
  const admin = AdminService.instance;
  const reports = new CXoneRealtimeReportService();
  const regional = await auth.getRegionalAccessTokenByToken({ accessToken: exchanged.accessToken }, stored('user_info'));
  const results = {
    tokens: [login, renewed, exchanged, regional].map((one) => one.accessToken),
    user: stored('user_info'),
    details: await admin.getUserDetails(),
    offset: await admin.setTimeStampOffset(),
    permissions: await admin.getPermissions(),
    history: (await reports.getAgentStateHistory(agentId, startDate, endDate)).agentStateHistory,
    performance: (await reports.getAgentPerformance(agentId, startDate, endDate)).agentPerformance,
    team: (await reports.getTeamPerformance(teamId, startDate, endDate)).teamPerformanceTotal,
    requests,
  };
  process.stdout.write(JSON.stringify(results), () => process.exit(0));
}

main().catch((error) => {
  process.stderr.write(`${error?.stack ?? JSON.stringify(error)} ${JSON.stringify(requests)}`, () => process.exit(1));
});
