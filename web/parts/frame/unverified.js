// The banner of who has not confirmed their e-mail address yet.
import { html } from '../html.js';
import { useCell } from '../../store/cell.js';
import { hasMail, useDesk } from '../context.js';
import { laterPart } from './later.js';

const Banner = laterPart(() => import('./banner.js'), 'Banner');

export function Unverified() {
  const account = useCell(useDesk().account);
  return account && !account.isEmailVerified && hasMail() ? html`<${Banner} address=${account.pendingEmail ?? account.email} />` : null;
}
