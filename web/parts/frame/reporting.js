// The dialog by which somebody reports a tweet or a person.
import { html } from '../html.js';
import { useCell } from '../../store/cell.js';
import { useDesk } from '../context.js';
import { laterPart } from './later.js';

const ReportDialog = laterPart(() => import('../moderation/report.js'), 'ReportDialog');

export function Reporting() {
  const desk = useDesk();
  const reported = useCell(desk.reporting);
  return reported && html`<${ReportDialog} reported=${reported} onClose=${() => desk.reporting.set(null)} />`;
}
