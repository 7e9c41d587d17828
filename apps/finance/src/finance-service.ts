import { folders } from '@meterbook/host/engines/folders';
import type { Service } from '@meterbook/host/service/service';
import { FinanceModule } from './finance.module';
import { hostedFinanceLoops } from './hosted-loops';
import { startReportThread } from './reports/thread/start-report-thread';
import { VerificationInWorker } from './verify/verification-in-worker';
import { reconcileInWorker } from './reconciliation/reconcile-in-worker';
import { startWhatIfThread } from './what-if/start-what-if-thread';

/** Finance as a process of its own: it reads the store and never the topics. */
export const financeService: Service = {
  name: 'finance',
  title: 'Meterbook finance',
  description: 'Provable books: reports, rebuilds and verification.',
  open: async (host) => {
    const engine = await host.store();
    const { finance } = folders(host.configuration);
    const verification = new VerificationInWorker(host.configuration);
    return {
      module: FinanceModule.register(
        finance,
        verification,
        () => startReportThread(host.configuration),
        (task) => startWhatIfThread(host.configuration, task),
        reconcileInWorker(host.configuration),
      ),
      loops: () => hostedFinanceLoops(engine, host.clock, finance, host.log),
    };
  },
};
