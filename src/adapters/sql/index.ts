export { SqlChangeStore } from './change-store.ts';
export { SqlActionCache } from './action-cache.ts';
export { addOverride, approveOverride, listOverrides, revokeOverride, useOverride } from './overrides.ts';
export { auditStore, eraseEvents } from './audit-store.ts';
export { eraseTenant, erasedOrdinal, erasedTenants, scrub, TENANT_TABLES } from './erase-tenant.ts';
export type { Space } from './disk-reserve.ts';
export { STORE_ERRORS, StoreError, type StoreErrorCode } from './errors.ts';
export { evidenceLog } from './evidence-log.ts';
export { evidenceStatements } from './evidence-statements.ts';
export { type EventFilter, appendEvent, readAllEvents, readEventsOf, readEvents } from './events.ts';
export type { Sealer } from './sealing.ts';
export { journalStore } from './journal-store.ts';
export { deleteDeliveredMessages } from './outbox.ts';
export { deleteLandingPlace, deleteLostPlaces, landingPlaces, SqlLandingLine } from './landing-line.ts';
export { type Store, type StoreLocation, openStore } from './open.ts';
export {
  type RecordedDecision,
  decisionDigest,
  findDecision,
  listDecisions,
  pageDecisions,
  recordDecision,
} from './policy-decisions.ts';
export { addKey, findKey, type KeyRecord, listKeys, updateKeyEnd, updateKeyUse } from './api-keys.ts';
export {
  addIdempotentRequest,
  deleteIdempotentBefore,
  type IdempotentAnswer,
  setIdempotentAnswer,
} from './idempotent-answers.ts';
export {
  addPrincipal,
  findPrincipal,
  listPrincipals,
  type PrincipalRecord,
  setDisabled,
  setRoles,
} from './principals.ts';
export {
  addWebhook,
  deleteWebhook,
  findWebhook,
  listWebhooks,
  updateWebhookAfter,
  updateWebhookStopped,
  type WebhookRecord,
} from './webhooks.ts';
export { addSession, deleteSession, findSession, type SessionRecord } from './sessions.ts';
export { pluginBooks } from './plugin-books.ts';
export { findProviderLine, listProviderLines, putProviderLine } from './provider-lines.ts';
export { addOutageFailure, dropOutage, listOutages } from './provider-outages.ts';
export { addRepository, findRepository, listRepositories, moveRecordedHead } from './repositories.ts';
export { cancelledInOpenRuns, findOpenRun, isRunOf, listRuns, wasClosed } from './runs.ts';
export { findSetting, putSetting, type SettingOwner } from './settings.ts';
export { listSteps, resultsInOpenRuns } from './steps.ts';
export {
  addTask,
  changeTask,
  countTasks,
  findTask,
  listTasks,
  neededLabels,
  newestTasks,
  tenantOfTask,
  type TaskChange,
  type NewestFilter,
  type TaskFilter,
  tasksToQueue,
} from './tasks.ts';
export { addTenant, findTenant, listTenants, updateTenant } from './tenants.ts';
export { type Judged, listJudged, listVerdicts } from './verdicts.ts';
export { SqlFairQueue } from './fair-queue.ts';
export { SqlLedger } from './ledger.ts';
export { addCard, listCards, type RecordedCard } from './cards.ts';
export {
  addPreemption,
  deleteTaskWait,
  findTaskWait,
  freshWaits,
  leaveOutWaits,
  markInShare,
  putTaskWait,
  runningLo,
  takeLateWaits,
  type TaskWait,
  waitingTasks,
  yieldingCount,
} from './task-waits.ts';
export {
  addPreemptionOrder,
  findPreemptionOrder,
  openPreemptionOrders,
  type PreemptionOrder,
  takePreemptionOrder,
} from './preemption-orders.ts';
export { addStopOrder, deleteStopOrder, findStopOrder, listStopOrders, type StopOrder } from './stop-orders.ts';
export { findRung, putRung } from './budget-rungs.ts';
export {
  addStarts,
  deleteAlert,
  deleteMeasure,
  deleteOldMinutes,
  listAlerts,
  listMeasures,
  putAlert,
  putMeasure,
  type SloAlert,
  startsWithin,
} from './slo.ts';
export { announceWorker, dismissWorker, endWorker, forgetWorkers, listWorkers, wantOfWorker } from './workers.ts';
export { addGatewayKey, changeGatewayKeysRevoked, findGatewayKey, listGatewayKeys } from './gateway-keys.ts';
export type { Groups, Statement } from './groups.ts';
export { addGatewayBlock, dropGatewayBlock, type GatewayBlock, listLostBlocks } from './gateway-blocks.ts';
export { dropLease, findLease, takeLease } from './leases.ts';
export {
  callsOfRun,
  modelCallEnded,
  modelCallOpened,
  changeModelCallReconciled,
  costOfBlock,
  costOfTask,
  listDoubtfulCalls,
  listUnendedCalls,
  type ModelCall,
  type ModelTotal,
  totalModelCalls,
  pageModelCalls,
  type RunCalls,
} from './model-calls.ts';
export { findAnswer, putAnswer } from './answer-cache.ts';
export { SqlTestOutputs } from './test-outputs.ts';
