import type { PrincipalId, TenantId } from '#domain/ids.ts';
import type { Millis } from '#kernel/clock.ts';
import type { Sql, Tx } from '#kernel/sql.ts';
import type { Grant, PluginBooks, SignedDocument } from '#plugins/ports.ts';
import { fromJson, toJson } from './json-column.ts';

type Row = {
  readonly plugin: string;
  readonly version: string;
  readonly image: string;
  readonly module: string;
  readonly manifest: string;
  readonly granted: string;
  readonly approved_by: PrincipalId;
  readonly approved_at: Millis;
  readonly withdrawn: number;
};

const COLUMNS = 'plugin, version, image, module, manifest, granted, approved_by, approved_at, withdrawn';

/** What plugins a tenant was granted, and whom the installation believes, in SQL. */
export function pluginBooks(sql: Sql): PluginBooks {
  return {
    grants: async (tenant) => {
      const rows = await sql.all<Row>(`select ${COLUMNS} from plugin_grant where tenant = $1 order by plugin`, tenant);
      return rows.map(grantOf);
    },
    grant: addGrant,
    withdraw: async (tx, tenant, plugin) => {
      const text = 'update plugin_grant set withdrawn = 1 where tenant = $1 and plugin = $2 and withdrawn = 0';
      return (await tx.run(text, tenant, plugin)) > 0;
    },
    versions: async (plugin) => {
      const rows = await sql.all<{ version: string }>('select version from plugin_version where plugin = $1', plugin);
      return rows.map(({ version }) => version);
    },
    revoked: async (module) => {
      const [row] = await sql.all<{ because: string }>('select because from plugin_revoked where module = $1', module);
      return row?.because ?? null;
    },
    revoke: async (module, because, at) => {
      const text = `insert into plugin_revoked (module, because, at) values ($1, $2, $3)
        on conflict (module) do update set because = excluded.because`;
      await sql.run(text, module, because, at);
    },
    document: async (name) => {
      const text = 'select version, bundles from plugin_document where name = $1';
      const [row] = await sql.all<{ version: number; bundles: string }>(text, name);
      return row ?? null;
    },
    replaceDocument: (name, document) => replaceDocument(sql, name, document),
  };
}

async function addGrant(tx: Tx, tenant: TenantId, grant: Omit<Grant, 'withdrawn'>): Promise<void> {
  await tx.run(
    `insert into plugin_grant (tenant, ${COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
     on conflict (tenant, plugin) do update set version = excluded.version, image = excluded.image,
       module = excluded.module, manifest = excluded.manifest, granted = excluded.granted,
       approved_by = excluded.approved_by, approved_at = excluded.approved_at, withdrawn = 0`,
    tenant,
    grant.plugin,
    grant.version,
    grant.image,
    grant.module,
    grant.manifest,
    toJson(grant.granted),
    grant.approvedBy,
    grant.approvedAt,
  );
  const seen = 'insert into plugin_version (plugin, version) values ($1, $2) on conflict do nothing';
  await tx.run(seen, grant.plugin, grant.version);
}

async function replaceDocument(sql: Sql, name: string, { version, bundles }: SignedDocument): Promise<boolean> {
  const text = `insert into plugin_document (name, version, bundles) values ($1, $2, $3)
    on conflict (name) do update set version = excluded.version, bundles = excluded.bundles
      where plugin_document.version < excluded.version`;
  return (await sql.run(text, name, version, bundles)) > 0;
}

function grantOf(row: Row): Grant {
  const { approved_by: approvedBy, approved_at: approvedAt, granted, withdrawn, ...rest } = row;
  return { ...rest, approvedBy, approvedAt, granted: fromJson(granted), withdrawn: withdrawn === 1 };
}
