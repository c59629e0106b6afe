// The moderators' room: what was reported, who appeals, what stands, who and what waits for a review, and the log.
import { html } from '../../parts/html.js';
import { usePage } from '../../parts/context.js';
import { Heading, Tabs } from '../../parts/frame/heading.js';
import { Empty, Skeleton } from '../../parts/states.js';
import { paths } from '../../router.js';
import { useCell } from '../../store/cell.js';
import { moderationWords } from '../../words/moderation.js';
import { Appeals } from './appeals.js';
import { Context } from './context.js';
import { Decisions } from './decisions.js';
import { Filters } from './filters.js';
import { Log } from './log.js';
import { Reports } from './reports.js';
import { Reviews, SignUps } from './reviews.js';
import { Roles } from './roles.js';

const { room } = moderationWords;
const PARTS = { reports: Reports, appeals: Appeals, decisions: Decisions, 'sign-ups': SignUps, campaigns: Reviews, filters: Filters, roles: Roles, log: Log };
const OF_ADMINS = new Set(['roles']);

export function ModerationView() {
  const { desk, router } = usePage();
  const { part: asked, id } = useCell(router.cell).params;
  const account = useCell(desk.account);
  const names = Object.keys(PARTS).filter((name) => account?.role === 'ADMIN' || !OF_ADMINS.has(name));
  const part = names.includes(asked) ? asked : 'reports';
  if (!account) return html`<${Heading} title=${room.title} /><${Skeleton} />`;
  if (account.role === 'MEMBER') return html`<${Heading} title=${room.title} hasBack /><${Empty} ...${room.none} />`;
  if (part === 'reports' && id) return html`<${Context} key=${id} id=${id} />`;
  const Part = PARTS[part];
  return html`<${Heading} title=${room.title}>
      <${Tabs} label=${room.parts} tabs=${names.map((name) => ({
        label: room.partNames[name], href: paths.moderation(name === 'reports' ? '' : name), isCurrent: name === part,
      }))} />
    <//>
    <${Part} />`;
}
