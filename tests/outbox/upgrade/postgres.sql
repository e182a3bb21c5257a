SELECT pg_catalog.set_config('search_path', '', false);
CREATE SCHEMA argo_tradervue;
CREATE FUNCTION argo_tradervue.note_removal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
      RETURN NULL;
    END $$;
CREATE FUNCTION argo_tradervue.note_state() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
      INSERT INTO counts VALUES (NEW.state, 1, NEW.updated_at)
      ON CONFLICT (state)
      DO UPDATE SET number = counts.number + 1, last_at = excluded.last_at;
      INSERT INTO history (trade_id, kind, at, state, detail)
      VALUES (NEW.trade_id, NEW.kind, NEW.updated_at, NEW.state, NEW.reason);
      RETURN NULL;
    END $$;
CREATE TABLE argo_tradervue.counts (
    state text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    last_at double precision NOT NULL
);
CREATE TABLE argo_tradervue.executions (
    seq bigint NOT NULL,
    trade_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    identity text NOT NULL,
    payload text NOT NULL,
    recorded_at double precision NOT NULL,
    state text DEFAULT 'new'::text NOT NULL COLLATE pg_catalog."C",
    symbol text COLLATE pg_catalog."C",
    quantity text,
    price text,
    commission text,
    executed_at bigint,
    account_tag text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    twin boolean DEFAULT false NOT NULL,
    import_id bigint,
    journal_id bigint,
    attempts bigint DEFAULT 0 NOT NULL,
    due_at double precision DEFAULT 0 NOT NULL,
    reason text,
    updated_at double precision DEFAULT 0 NOT NULL,
    CONSTRAINT executions_kind_check CHECK ((kind = ANY (ARRAY['entry'::text, 'exit'::text])))
);
ALTER TABLE argo_tradervue.executions ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME argo_tradervue.executions_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE argo_tradervue.history (
    seq bigint NOT NULL,
    trade_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    at double precision NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    detail text
);
ALTER TABLE argo_tradervue.history ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME argo_tradervue.history_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE argo_tradervue.imports (
    id bigint NOT NULL,
    account_tag text NOT NULL,
    allow_duplicates boolean NOT NULL,
    stage text DEFAULT 'noted'::text NOT NULL,
    noted_at double precision NOT NULL,
    finished_at double precision,
    outcome text
);
ALTER TABLE argo_tradervue.imports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME argo_tradervue.imports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE argo_tradervue.inbox (
    seq bigint NOT NULL,
    trade_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    identity text NOT NULL,
    payload text NOT NULL,
    recorded_at double precision NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');
ALTER TABLE argo_tradervue.inbox ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME argo_tradervue.inbox_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE argo_tradervue.lease (
    name text NOT NULL,
    holder text NOT NULL,
    token bigint NOT NULL,
    expires_at double precision NOT NULL
);
CREATE TABLE argo_tradervue.overlays (
    trade_id text NOT NULL COLLATE pg_catalog."C",
    commission text NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    due_at double precision DEFAULT 0 NOT NULL
);
CREATE TABLE argo_tradervue.schema_version (
    version integer NOT NULL
);
CREATE TABLE argo_tradervue.trades (
    trade_id text NOT NULL COLLATE pg_catalog."C",
    symbol text NOT NULL COLLATE pg_catalog."C",
    slot bigint NOT NULL,
    account_tag text NOT NULL COLLATE pg_catalog."C",
    entry_at bigint NOT NULL,
    exit_at bigint,
    journal_id bigint,
    basic_id bigint,
    annotate boolean DEFAULT false NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    due_at double precision DEFAULT 0 NOT NULL,
    finished text,
    identity text
);
INSERT INTO argo_tradervue.counts VALUES ('imported', 2, 1775408576);
INSERT INTO argo_tradervue.counts VALUES ('skipped', 2, 1775408449);
INSERT INTO argo_tradervue.counts VALUES ('sent', 4, 1775408716);
INSERT INTO argo_tradervue.counts VALUES ('recorded', 12, 1775408786);
INSERT INTO argo_tradervue.counts VALUES ('discarded', 1, 1795761548.3844793);
INSERT INTO argo_tradervue.counts VALUES ('basic', 2, 1775408449);
INSERT INTO argo_tradervue.counts VALUES ('synced', 32, 1775408449.0534546);
INSERT INTO argo_tradervue.counts VALUES ('quarantined', 9, 1775408449.0534546);
INSERT INTO argo_tradervue.counts VALUES ('linked', 2, 1775408506);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (1, 'trade_20260305_143020_000020', 'entry', '', '{}', 1795761547.3209734, 'synced', 'CORP20', '10', '100.25', NULL, 1772721001, 'argo', false, NULL, 1002, 0, 0, NULL, 1795761547.3209734);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (2, 'trade_20260305_143020_000020', 'exit', '', '{}', 1795761547.3406723, 'synced', 'CORP20', '-10', '103.5', '2', 1772729109, 'argo', false, NULL, 1002, 0, 0, NULL, 1795761547.3406723);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (3, 'trade_20260305_143019_000019', 'entry', '', '{}', 1795761547.349783, 'synced', 'CORP19', '10', '100.25', NULL, 1772721001, 'argo', false, NULL, 1001, 0, 0, NULL, 1795761547.349783);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (16, 'trade_20260305_143011_000011', 'entry', 'CORP11|long|2026-03-05T14:30:01.250000', '["trade_20260305_143011_000011","CORP11","long","stock","SIG-000011",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0011",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP11', '10', '100.25', NULL, 1772721001, 'argo', false, 2, 1009, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (17, 'trade_20260305_143012_000012', 'entry', 'CORP12|long|2026-03-05T14:30:01.250000', '["trade_20260305_143012_000012","CORP12","long","stock","SIG-000012",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0012",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP12', '10', '100.25', NULL, 1772721001, 'argo', false, 2, 1010, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (14, 'trade_20260305_143010_000010', 'entry', 'CORP10|long|2026-03-05T14:30:01.250000', '["trade_20260305_143010_000010","CORP10","long","stock","SIG-000010",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0010",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP10', '10', '100.25', NULL, 1772721001, 'argo', false, 2, 1008, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (15, 'trade_20260305_143010_000010', 'exit', 'CORP10|long|2026-03-05T14:30:01.250000', '["trade_20260305_143010_000010","CORP10","long","stock","SIG-000010",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0010",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP10', '-10', '103.5', '2', 1772729109, 'argo', false, 2, 1008, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (22, ' blank 15  ', 'entry', 'CORP15|long|2026-03-05T14:30:01.250000', '[" blank 15  ","CORP15","long","stock","SIG-000015",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0015",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP15', '10', '100.25', NULL, 1772721001, 'argo', false, 2, 1011, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (23, ' blank 15  ', 'exit', 'CORP15|long|2026-03-05T14:30:01.250000', '[" blank 15  ","CORP15","long","stock","SIG-000015",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0015",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP15', '-10', '103.5', '2', 1772729109, 'argo', false, 2, 1011, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (24, 'trade_20260305_143016_000016', 'entry', 'CORP16|LONG|2026-03-05T09:30:01.250000-05:00', '["trade_20260305_143016_000016","CORP16","LONG","stock","SIG-000016",100.25,null,100.25,null,10,10,"2026-03-05T09:30:01.250000-05:00",null,null,null,"pending",87.5,"hash0016",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP16', '10', '100.25', NULL, 1772721001, 'argo', false, 2, 1012, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (25, 'trade_20260305_143016_000016', 'exit', 'CORP16|LONG|2026-03-05T09:30:01.250000-05:00', '["trade_20260305_143016_000016","CORP16","LONG","stock","SIG-000016",100.25,103.5,100.25,103.5,10,10,"2026-03-05T09:30:01.250000-05:00","2026-03-05T16:45:09.750000Z",30.5,3.04,"win",87.5,"hash0016",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP16', '-10', '103.5', '2', 1772729109, 'argo', false, 2, 1012, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (26, 'trade_20260305_143017_000017', 'entry', 'CORP17|long|2026-03-05T14:30:01.250000', '["trade_20260305_143017_000017","CORP17","long","stock","SIG-000017",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0017",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP17', '10', '100.25', NULL, 1772721001, 'argo', false, 2, 1013, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (18, 'trade_20260305_143013_000013', 'entry', 'TWIN|long|2026-03-05T14:30:01.250000', '["trade_20260305_143013_000013","TWIN","long","stock","SIG-000013",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0013",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'TWIN', '10', '100.25', NULL, 1772721001, 'argo', true, 3, 1015, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (19, 'trade_20260305_143013_000013', 'exit', 'TWIN|long|2026-03-05T14:30:01.250000', '["trade_20260305_143013_000013","TWIN","long","stock","SIG-000013",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0013",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'TWIN', '-10', '103.5', '2', 1772729109, 'argo', true, 3, 1015, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (20, 'trade_20260305_143014_000014', 'entry', 'TWIN|long|2026-03-05T14:30:01.250000', '["trade_20260305_143014_000014","TWIN","long","stock","SIG-000014",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0014",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'TWIN', '10', '100.25', NULL, 1772721001, 'argo-2', true, 4, 1016, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (21, 'trade_20260305_143014_000014', 'exit', 'TWIN|long|2026-03-05T14:30:01.250000', '["trade_20260305_143014_000014","TWIN","long","stock","SIG-000014",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0014",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'TWIN', '-10', '103.5', '2', 1772729109, 'argo-2', true, 4, 1016, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (27, 'trade_20260305_143018_000018', 'entry', ' corp18 |long|2026-03-05T14:30:01.250000', '["trade_20260305_143018_000018"," corp18 ","long","stock","SIG-000018",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0018",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP18', '10', '100.25', NULL, 1772721001, 'argo', false, 2, 1014, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (28, 'trade_20260305_143018_000018', 'exit', ' corp18 |long|2026-03-05T14:30:01.250000', '["trade_20260305_143018_000018"," corp18 ","long","stock","SIG-000018",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0018",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP18', '-10', '103.5', '2', 1772729109, 'argo', false, 2, 1014, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (30, 'trade_20260305_143017_000017~59d3499e', 'entry', 'CORP17|long|2026-03-05T14:30:01.250000+00:00', '["trade_20260305_143017_000017","CORP17","long","stock","SIG-000017",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000+00:00","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0017",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP17', '10', '100.25', NULL, 1772721001, 'argo-2', true, 5, 1017, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (29, 'trade_20260305_143017_000017~59d3499e', 'exit', 'CORP17|long|2026-03-05T14:30:01.250000+00:00', '["trade_20260305_143017_000017","CORP17","long","stock","SIG-000017",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000+00:00","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0017",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP17', '-10', '103.5', '2', 1772729109, 'argo-2', true, 5, 1017, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (31, 'trade_20260305_143030_000030', 'entry', 'CORP30|long|2026-03-05T14:30:01.250000', '["trade_20260305_143030_000030","CORP30","long","stock","SIG-000030",100.25,null,100.25,null,"many",null,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0030",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'quantity=''many'': must be a number', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (33, 'trade_20260305_143031_000031', 'exit', 'CORP31|long|2026-03-05T14:30:01.250000', '["trade_20260305_143031_000031","CORP31","long","stock","SIG-000031",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0031",null,null,"BULL",null,"take_profit","automatic",null,null,null,-0.25,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'commission=''-0.25'': must not be negative', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (34, 'unidentified-b8b13d9faa172743', 'entry', 'CORP32|long|2026-03-05T14:30:01.250000', '[4711,"CORP32","long","stock","SIG-000032",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0032",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'id=Decimal(''4711''): must not be empty', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (35, 'unidentified-0980b9c139f656af', 'entry', 'CORP33|long|2026-03-05T14:30:01.250000', '[null,"CORP33","long","stock","SIG-000033",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0033",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'id=None: must not be empty', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (36, 'trade_20260305_143034_000034', 'entry', 'CORP34|long|2026-03-05T14:30:01.250000', '["trade_20260305_143034_000034","CORP34","long","stock","SIG-000034",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0034",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,true,false,null]', 1775408449, 'skipped', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'cancelled', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (32, 'trade_20260305_143031_000031', 'entry', 'CORP31|long|2026-03-05T14:30:01.250000', '["trade_20260305_143031_000031","CORP31","long","stock","SIG-000031",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0031",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'synced', 'CORP31', '10', '100.25', NULL, 1772721001, 'argo', false, 6, 1018, 0, 0, NULL, 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (37, 'trade_20260305_143035_000035', 'entry', 'CORP35|long|2026-03-05T14:30:01.250000', '["trade_20260305_143035_000035","CORP35","long","stock","SIG-000035",100.25,null,100.25,null,10,0,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0035",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'skipped', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'quantity 0: not filled', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (38, 'trade_20260305_143036_000036', 'entry', 'CORP36|buy|2026-03-05T14:30:01.250000', '["trade_20260305_143036_000036","CORP36","buy","stock","SIG-000036",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0036",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'signal_type=''buy'': must be long or short', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (40, 'trade_20260305_143038_000038', 'entry', 'CORP38|long|2026-03-05T14:30:01.250000', '["trade_20260305_143038_000038","CORP38","long","stock","SIG-000038",100.25,null,100.25,null,"some",null,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0038",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'discarded', NULL, NULL, NULL, NULL, NULL, '', false, NULL, NULL, 0, 0, 'discarded by a person', 1795761548.3844793);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (39, 'trade_20260305_143037_000037', 'entry', 'CORP37|long|2026-03-05T14:30:01.250000', '["trade_20260305_143037_000037","CORP37","long","stock","SIG-000037",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0037",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', 'CORP37', '10', '100.25', NULL, 1772721001, 'argo', false, 6, 1019, 0, 0, 'somebody deleted it in the journal', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (41, 'trade_20260305_143037_000037', 'exit', 'CORP37|long|2026-03-05T14:30:01.250000', '["trade_20260305_143037_000037","CORP37","long","stock","SIG-000037",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0037",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', 'CORP37', '-10', '103.5', '2', 1772729109, 'argo', false, NULL, NULL, 0, 0, 'somebody deleted it in the journal', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (42, 'trade_20260305_143039_000039', 'entry', 'CORP39|long|2026-03-05T14:30:01.250000', '["trade_20260305_143039_000039","CORP39","long","stock","SIG-000039",100.25,null,100.25,null,10,0.5,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0039",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'basic', 'CORP39', '0.5', '100.25', NULL, 1772721001, 'argo', false, 7, NULL, 0, 0, 'At least one data row has an invalid quantity', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (43, 'trade_20260305_143039_000039', 'exit', 'CORP39|long|2026-03-05T14:30:01.250000', '["trade_20260305_143039_000039","CORP39","long","stock","SIG-000039",100.25,103.5,100.25,103.5,10,0.5,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0039",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'basic', 'CORP39', '-0.5', '103.5', '2', 1772729109, 'argo', false, 7, NULL, 0, 0, 'At least one data row has an invalid quantity', 1775408449);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (44, 'trade_20260305_143040_000040', 'entry', 'CORP40|long|2026-03-05T14:30:01.250000', '["trade_20260305_143040_000040","CORP40","long","stock","SIG-000040",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0040",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', 'CORP40', '10', '100.25', NULL, 1772721001, 'argo', false, 12, NULL, 4, 1775408449.0534546, 'not in the journal after 5 imports that succeeded (2 duplicates reported by the last)', 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (45, 'trade_20260305_143040_000040', 'exit', 'CORP40|long|2026-03-05T14:30:01.250000', '["trade_20260305_143040_000040","CORP40","long","stock","SIG-000040",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0040",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449, 'quarantined', 'CORP40', '-10', '103.5', '2', 1772729109, 'argo', false, 12, NULL, 4, 1775408449.0534546, 'not in the journal after 5 imports that succeeded (2 duplicates reported by the last)', 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (46, 'trade_20260305_143050_000050', 'entry', 'CORP50|long|2026-03-05T14:30:01.250000', '["trade_20260305_143050_000050","CORP50","long","stock","SIG-000050",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0050",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP50', '10', '100.25', NULL, 1772721001, 'argo', false, 13, 1022, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (47, 'trade_20260305_143050_000050', 'exit', 'CORP50|long|2026-03-05T14:30:01.250000', '["trade_20260305_143050_000050","CORP50","long","stock","SIG-000050",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0050",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP50', '-10', '103.5', '2', 1772729109, 'argo', false, 13, 1022, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (48, 'trade_20260305_143050_000050~c6f81da0', 'entry', 'OTHER50|long|2026-03-05T14:30:01.250000', '["trade_20260305_143050_000050","OTHER50","long","stock","SIG-000050",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0050",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'OTHER50', '10', '100.25', NULL, 1772721001, 'argo', false, 13, 1023, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (49, 'trade_20260305_143050_000050~c6f81da0', 'exit', 'OTHER50|long|2026-03-05T14:30:01.250000', '["trade_20260305_143050_000050","OTHER50","long","stock","SIG-000050",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0050",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'OTHER50', '-10', '103.5', '2', 1772729109, 'argo', false, 13, 1023, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (50, 'trade_20260305_143051_000051', 'entry', 'CORP51|long|2026-03-05T14:30:01.250000', '["trade_20260305_143051_000051","CORP51","long","stock","A",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0051",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP51', '10', '100.25', NULL, 1772721001, 'argo', true, 14, 1024, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (51, 'trade_20260305_143051_000051', 'exit', 'CORP51|long|2026-03-05T14:30:01.250000', '["trade_20260305_143051_000051","CORP51","long","stock","A",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0051",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP51', '-10', '103.5', '2', 1772729109, 'argo', true, 14, 1024, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (52, 'trade_20260305_143051_000051~475147f3', 'entry', 'CORP51|long|2026-03-05T15:10:00', '["trade_20260305_143051_000051","CORP51","long","stock","B",100.25,null,101.5,null,10,10,"2026-03-05T15:10:00",null,null,null,"pending",87.5,"hash0051",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP51', '10', '101.5', NULL, 1772723400, 'argo-2', true, 15, 1025, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (53, 'trade_20260305_143051_000051~475147f3', 'exit', 'CORP51|long|2026-03-05T15:10:00', '["trade_20260305_143051_000051","CORP51","long","stock","B",100.25,103.5,101.5,103.5,10,10,"2026-03-05T15:10:00","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0051",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP51', '-10', '103.5', '2', 1772729109, 'argo-2', true, 15, 1025, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (56, 'trade_20260305_143061_000061', 'entry', 'CORP61|long|2026-03-05T14:30:01.250000', '["trade_20260305_143061_000061","CORP61","long","stock","SIG-000061",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0061",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP61', '10', '100.25', NULL, 1772721001, 'argo', false, 16, 1027, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (54, 'trade_20260305_143060_000060', 'entry', 'CORP60|long|2026-03-05T14:30:01.250000', '["trade_20260305_143060_000060","CORP60","long","stock","SIG-000060",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0060",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'synced', 'CORP60', '10', '100.25', NULL, 1772721001, 'argo', false, 16, 1026, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (57, 'trade_20260305_143066_000066', 'entry', 'CORP66|long|2026-03-05T14:30:01.250000', '["trade_20260305_143066_000066","CORP66","long","stock","SIG-000066",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0066",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'recorded', 'CORP66', '10', '100.25', NULL, 1772721001, 'argo', false, 17, NULL, 1, 1775840506, 'the outcome of the import is unknown', 1775408506);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (58, 'trade_20260305_143066_000066', 'exit', 'CORP66|long|2026-03-05T14:30:01.250000', '["trade_20260305_143066_000066","CORP66","long","stock","SIG-000066",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0066",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408449.0534546, 'recorded', 'CORP66', '-10', '103.5', '2', 1772729109, 'argo', false, 17, NULL, 1, 1775840506, 'the outcome of the import is unknown', 1775408506);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (55, 'trade_20260305_143060_000060', 'exit', 'CORP60|long|2026-03-05T14:30:01.250000', '["trade_20260305_143060_000060","CORP60","long","stock","SIG-000060",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0060",null,null,"BULL",null,"take_profit","automatic",null,null,null,3.25,98.25,105.0,false,false,false,null]', 1775408506, 'synced', 'CORP60', '-10', '103.5', NULL, 1772729109, 'argo', false, 16, 1026, 0, 0, NULL, 1775408449.0534546);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (59, 'trade_20260305_143062_000062', 'entry', 'CORP62|long|2026-03-05T14:30:01.250000', '["trade_20260305_143062_000062","CORP62","long","stock","SIG-000062",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0062",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408506, 'linked', 'CORP62', '10', '100.25', NULL, 1772721001, 'argo', false, 18, 1028, 0, 0, NULL, 1775408506);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (60, 'trade_20260305_143062_000062', 'exit', 'CORP62|long|2026-03-05T14:30:01.250000', '["trade_20260305_143062_000062","CORP62","long","stock","SIG-000062",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0062",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408506, 'linked', 'CORP62', '-10', '103.5', '2', 1772729109, 'argo', false, 18, 1028, 0, 0, NULL, 1775408506);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (61, 'trade_20260305_143063_000063', 'entry', 'CORP63|long|2026-03-05T14:30:01.250000', '["trade_20260305_143063_000063","CORP63","long","stock","SIG-000063",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0063",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408576, 'imported', 'CORP63', '10', '100.25', NULL, 1772721001, 'argo', false, 19, NULL, 0, 0, NULL, 1775408576);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (62, 'trade_20260305_143063_000063', 'exit', 'CORP63|long|2026-03-05T14:30:01.250000', '["trade_20260305_143063_000063","CORP63","long","stock","SIG-000063",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0063",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408576, 'imported', 'CORP63', '-10', '103.5', '2', 1772729109, 'argo', false, 19, NULL, 0, 0, NULL, 1775408576);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (63, 'trade_20260305_143064_000064', 'entry', 'CORP64|long|2026-03-05T14:30:01.250000', '["trade_20260305_143064_000064","CORP64","long","stock","SIG-000064",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0064",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408646, 'sent', 'CORP64', '10', '100.25', NULL, 1772721001, 'argo', false, 20, NULL, 0, 0, NULL, 1775408646);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (64, 'trade_20260305_143064_000064', 'exit', 'CORP64|long|2026-03-05T14:30:01.250000', '["trade_20260305_143064_000064","CORP64","long","stock","SIG-000064",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0064",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408646, 'sent', 'CORP64', '-10', '103.5', '2', 1772729109, 'argo', false, 20, NULL, 0, 0, NULL, 1775408646);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (65, 'trade_20260305_143065_000065', 'entry', 'CORP65|long|2026-03-05T14:30:01.250000', '["trade_20260305_143065_000065","CORP65","long","stock","SIG-000065",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0065",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408716, 'sent', 'CORP65', '10', '100.25', NULL, 1772721001, 'argo', false, 21, NULL, 0, 0, NULL, 1775408716);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (66, 'trade_20260305_143065_000065', 'exit', 'CORP65|long|2026-03-05T14:30:01.250000', '["trade_20260305_143065_000065","CORP65","long","stock","SIG-000065",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0065",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408716, 'sent', 'CORP65', '-10', '103.5', '2', 1772729109, 'argo', false, 21, NULL, 0, 0, NULL, 1775408716);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (67, 'trade_20260305_143070_000070', 'entry', 'CORP70|long|2026-03-05T14:30:01.250000', '["trade_20260305_143070_000070","CORP70","long","stock","SIG-000070",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0070",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'CORP70', '10', '100.25', NULL, 1772721001, 'argo', false, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (68, 'trade_20260305_143070_000070', 'exit', 'CORP70|long|2026-03-05T14:30:01.250000', '["trade_20260305_143070_000070","CORP70","long","stock","SIG-000070",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0070",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'CORP70', '-10', '103.5', '2', 1772729109, 'argo', false, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (69, 'trade_20260305_143071_000071', 'entry', 'CORP71|long|2026-03-05T14:30:01.250000', '["trade_20260305_143071_000071","CORP71","long","stock","SIG-000071",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0071",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'CORP71', '10', '100.25', NULL, 1772721001, 'argo', false, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (70, 'trade_20260305_143072_000072', 'entry', 'CORP72|long|2026-03-05T14:30:01.250000', '["trade_20260305_143072_000072","CORP72","long","stock","SIG-000072",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0072",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'CORP72', '4', '100.25', NULL, 1772721001, 'argo', false, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (71, 'trade_20260305_143072_000072', 'exit', 'CORP72|long|2026-03-05T14:30:01.250000', '["trade_20260305_143072_000072","CORP72","long","stock","SIG-000072",100.25,103.5,100.25,103.5,4,4,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0072",null,null,"BULL",null,"take_profit","automatic",null,null,null,null,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'CORP72', '-4', '103.5', NULL, 1772729109, 'argo', false, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (72, 'trade_20260305_143061_000061', 'exit', 'CORP61|long|2026-03-05T14:30:01.250000', '["trade_20260305_143061_000061","CORP61","long","stock","SIG-000061",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0061",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'CORP61', '-10', '103.5', '2', 1772729109, 'argo', false, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (73, 'trade_20260305_143073_000073', 'entry', 'TWIN73|long|2026-03-05T14:30:01.250000', '["trade_20260305_143073_000073","TWIN73","long","stock","SIG-000073",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0073",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'TWIN73', '10', '100.25', NULL, 1772721001, 'argo', true, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (74, 'trade_20260305_143073_000073', 'exit', 'TWIN73|long|2026-03-05T14:30:01.250000', '["trade_20260305_143073_000073","TWIN73","long","stock","SIG-000073",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0073",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'TWIN73', '-10', '103.5', '2', 1772729109, 'argo', true, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (75, 'trade_20260305_143074_000074', 'entry', 'TWIN73|long|2026-03-05T14:30:01.250000', '["trade_20260305_143074_000074","TWIN73","long","stock","SIG-000074",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0074",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'TWIN73', '10', '100.25', NULL, 1772721001, 'argo-2', true, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.executions OVERRIDING SYSTEM VALUE VALUES (76, 'trade_20260305_143074_000074', 'exit', 'TWIN73|long|2026-03-05T14:30:01.250000', '["trade_20260305_143074_000074","TWIN73","long","stock","SIG-000074",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0074",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408786, 'recorded', 'TWIN73', '-10', '103.5', '2', 1772729109, 'argo-2', true, NULL, NULL, 0, 0, NULL, 1775408786);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (1, 'trade_20260305_143020_000020', 'entry', 1795761547.3209734, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (2, 'trade_20260305_143020_000020', 'entry', 1795761547.3209734, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (3, 'trade_20260305_143020_000020', 'entry', 1795761547.3209734, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (4, 'trade_20260305_143020_000020', 'exit', 1795761547.3406723, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (5, 'trade_20260305_143020_000020', 'exit', 1795761547.3406723, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (6, 'trade_20260305_143020_000020', 'exit', 1795761547.3406723, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (7, 'trade_20260305_143019_000019', 'entry', 1795761547.349783, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (8, 'trade_20260305_143019_000019', 'entry', 1795761547.349783, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (9, 'trade_20260305_143019_000019', 'entry', 1795761547.349783, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (59, '  blank 4 ', 'exit', 1772730000, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (60, 'trade_20260305_143010_000010', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (61, 'trade_20260305_143010_000010', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (62, 'trade_20260305_143011_000011', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (63, 'trade_20260305_143012_000012', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (64, 'trade_20260305_143013_000013', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (65, 'trade_20260305_143013_000013', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (66, 'trade_20260305_143014_000014', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (67, 'trade_20260305_143014_000014', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (68, ' blank 15  ', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (69, ' blank 15  ', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (70, 'trade_20260305_143016_000016', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (71, 'trade_20260305_143016_000016', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (72, 'trade_20260305_143017_000017', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (73, 'trade_20260305_143018_000018', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (74, 'trade_20260305_143018_000018', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (75, 'trade_20260305_143010_000010', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (76, 'trade_20260305_143011_000011', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (77, 'trade_20260305_143012_000012', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (78, ' blank 15  ', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (79, 'trade_20260305_143016_000016', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (80, 'trade_20260305_143017_000017', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (81, 'trade_20260305_143018_000018', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (82, 'trade_20260305_143010_000010', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (83, ' blank 15  ', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (84, 'trade_20260305_143016_000016', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (85, 'trade_20260305_143018_000018', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (86, 'trade_20260305_143010_000010', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (87, 'trade_20260305_143011_000011', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (88, 'trade_20260305_143012_000012', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (89, ' blank 15  ', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (90, 'trade_20260305_143016_000016', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (91, 'trade_20260305_143017_000017', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (92, 'trade_20260305_143018_000018', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (93, 'trade_20260305_143010_000010', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (94, ' blank 15  ', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (95, 'trade_20260305_143016_000016', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (96, 'trade_20260305_143018_000018', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (97, 'trade_20260305_143010_000010', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (98, 'trade_20260305_143011_000011', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (99, 'trade_20260305_143012_000012', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (100, ' blank 15  ', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (101, 'trade_20260305_143016_000016', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (102, 'trade_20260305_143017_000017', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (103, 'trade_20260305_143018_000018', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (104, 'trade_20260305_143010_000010', 'exit', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (105, ' blank 15  ', 'exit', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (106, 'trade_20260305_143016_000016', 'exit', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (107, 'trade_20260305_143018_000018', 'exit', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (108, 'trade_20260305_143013_000013', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (109, 'trade_20260305_143013_000013', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (110, 'trade_20260305_143011_000011', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (111, 'trade_20260305_143012_000012', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (112, ' blank 15  ', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (113, ' blank 15  ', 'exit', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (114, 'trade_20260305_143016_000016', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (115, 'trade_20260305_143016_000016', 'exit', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (116, 'trade_20260305_143017_000017', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (117, 'trade_20260305_143010_000010', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (118, 'trade_20260305_143010_000010', 'exit', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (119, 'trade_20260305_143018_000018', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (120, 'trade_20260305_143018_000018', 'exit', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (121, 'trade_20260305_143013_000013', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (122, 'trade_20260305_143013_000013', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (123, 'trade_20260305_143013_000013', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (124, 'trade_20260305_143013_000013', 'exit', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (125, 'trade_20260305_143014_000014', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (126, 'trade_20260305_143014_000014', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (127, 'trade_20260305_143013_000013', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (128, 'trade_20260305_143013_000013', 'exit', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (129, 'trade_20260305_143014_000014', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (130, 'trade_20260305_143014_000014', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (131, 'trade_20260305_143014_000014', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (132, 'trade_20260305_143014_000014', 'exit', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (133, 'trade_20260305_143014_000014', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (134, 'trade_20260305_143014_000014', 'exit', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (135, 'trade_20260305_143017_000017~59d3499e', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (136, 'trade_20260305_143017_000017~59d3499e', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (137, 'trade_20260305_143017_000017~59d3499e', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (138, 'trade_20260305_143017_000017~59d3499e', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (139, 'trade_20260305_143017_000017~59d3499e', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (140, 'trade_20260305_143017_000017~59d3499e', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (141, 'trade_20260305_143017_000017~59d3499e', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (142, 'trade_20260305_143017_000017~59d3499e', 'exit', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (143, 'trade_20260305_143017_000017~59d3499e', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (144, 'trade_20260305_143017_000017~59d3499e', 'exit', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (145, 'trade_20260305_143030_000030', 'entry', 1775408449, 'quarantined', 'quantity=''many'': must be a number');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (146, 'trade_20260305_143031_000031', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (147, 'trade_20260305_143031_000031', 'exit', 1775408449, 'quarantined', 'commission=''-0.25'': must not be negative');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (148, 'unidentified-b8b13d9faa172743', 'entry', 1775408449, 'quarantined', 'id=Decimal(''4711''): must not be empty');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (149, 'unidentified-0980b9c139f656af', 'entry', 1775408449, 'quarantined', 'id=None: must not be empty');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (150, 'trade_20260305_143034_000034', 'entry', 1775408449, 'skipped', 'cancelled');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (151, 'trade_20260305_143035_000035', 'entry', 1775408449, 'skipped', 'quantity 0: not filled');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (152, 'trade_20260305_143036_000036', 'entry', 1775408449, 'quarantined', 'signal_type=''buy'': must be long or short');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (153, 'trade_20260305_143037_000037', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (154, 'trade_20260305_143038_000038', 'entry', 1775408449, 'quarantined', 'quantity=''some'': must be a number');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (155, 'trade_20260305_143031_000031', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (156, 'trade_20260305_143037_000037', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (157, 'trade_20260305_143031_000031', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (158, 'trade_20260305_143037_000037', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (159, 'trade_20260305_143031_000031', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (160, 'trade_20260305_143037_000037', 'entry', 1775408449, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (161, 'trade_20260305_143031_000031', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (162, 'trade_20260305_143037_000037', 'entry', 1775408449, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (163, 'trade_20260305_143038_000038', 'entry', 1795761548.3844793, 'discarded', 'discarded by a person');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (164, 'trade_20260305_143037_000037', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (165, 'trade_20260305_143037_000037', 'entry', 1775408449, 'quarantined', 'somebody deleted it in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (166, 'trade_20260305_143037_000037', 'exit', 1775408449, 'quarantined', 'somebody deleted it in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (167, 'trade_20260305_143039_000039', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (168, 'trade_20260305_143039_000039', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (169, 'trade_20260305_143039_000039', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (170, 'trade_20260305_143039_000039', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (171, 'trade_20260305_143039_000039', 'entry', 1775408449, 'basic', 'At least one data row has an invalid quantity');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (172, 'trade_20260305_143039_000039', 'exit', 1775408449, 'basic', 'At least one data row has an invalid quantity');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (173, 'trade_20260305_143040_000040', 'entry', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (174, 'trade_20260305_143040_000040', 'exit', 1775408449, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (175, 'trade_20260305_143040_000040', 'entry', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (176, 'trade_20260305_143040_000040', 'exit', 1775408449, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (177, 'trade_20260305_143040_000040', 'entry', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (178, 'trade_20260305_143040_000040', 'exit', 1775408449, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (179, 'trade_20260305_143040_000040', 'entry', 1775408449, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (180, 'trade_20260305_143040_000040', 'exit', 1775408449, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (181, 'trade_20260305_143040_000040', 'entry', 1775408449.01, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (182, 'trade_20260305_143040_000040', 'exit', 1775408449.01, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (183, 'trade_20260305_143040_000040', 'entry', 1775408449.01, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (184, 'trade_20260305_143040_000040', 'exit', 1775408449.01, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (185, 'trade_20260305_143040_000040', 'entry', 1775408449.01, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (186, 'trade_20260305_143040_000040', 'exit', 1775408449.01, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (187, 'trade_20260305_143040_000040', 'entry', 1775408449.02, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (188, 'trade_20260305_143040_000040', 'exit', 1775408449.02, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (189, 'trade_20260305_143040_000040', 'entry', 1775408449.02, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (190, 'trade_20260305_143040_000040', 'exit', 1775408449.02, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (191, 'trade_20260305_143040_000040', 'entry', 1775408449.02, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (192, 'trade_20260305_143040_000040', 'exit', 1775408449.02, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (193, 'trade_20260305_143040_000040', 'entry', 1775408449.0336325, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (194, 'trade_20260305_143040_000040', 'exit', 1775408449.0336325, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (195, 'trade_20260305_143040_000040', 'entry', 1775408449.0336325, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (196, 'trade_20260305_143040_000040', 'exit', 1775408449.0336325, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (197, 'trade_20260305_143040_000040', 'entry', 1775408449.0336325, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (198, 'trade_20260305_143040_000040', 'exit', 1775408449.0336325, 'recorded', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (199, 'trade_20260305_143040_000040', 'entry', 1775408449.0534546, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (200, 'trade_20260305_143040_000040', 'exit', 1775408449.0534546, 'sent', 'imported, but not in the journal');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (201, 'trade_20260305_143040_000040', 'entry', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (202, 'trade_20260305_143040_000040', 'exit', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (203, 'trade_20260305_143040_000040', 'entry', 1775408449.0534546, 'quarantined', 'not in the journal after 5 imports that succeeded (2 duplicates reported by the last)');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (204, 'trade_20260305_143040_000040', 'exit', 1775408449.0534546, 'quarantined', 'not in the journal after 5 imports that succeeded (2 duplicates reported by the last)');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (205, 'trade_20260305_143050_000050', 'entry', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (206, 'trade_20260305_143050_000050', 'exit', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (207, 'trade_20260305_143050_000050~c6f81da0', 'entry', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (208, 'trade_20260305_143050_000050~c6f81da0', 'exit', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (209, 'trade_20260305_143051_000051', 'entry', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (210, 'trade_20260305_143051_000051', 'exit', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (211, 'trade_20260305_143051_000051~475147f3', 'entry', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (212, 'trade_20260305_143051_000051~475147f3', 'exit', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (213, 'trade_20260305_143050_000050', 'entry', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (214, 'trade_20260305_143050_000050~c6f81da0', 'entry', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (215, 'trade_20260305_143050_000050', 'exit', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (216, 'trade_20260305_143050_000050~c6f81da0', 'exit', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (217, 'trade_20260305_143050_000050', 'entry', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (218, 'trade_20260305_143050_000050~c6f81da0', 'entry', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (219, 'trade_20260305_143050_000050', 'exit', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (220, 'trade_20260305_143050_000050~c6f81da0', 'exit', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (221, 'trade_20260305_143050_000050', 'entry', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (222, 'trade_20260305_143050_000050~c6f81da0', 'entry', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (223, 'trade_20260305_143050_000050', 'exit', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (224, 'trade_20260305_143050_000050~c6f81da0', 'exit', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (225, 'trade_20260305_143051_000051', 'entry', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (226, 'trade_20260305_143051_000051', 'exit', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (227, 'trade_20260305_143050_000050', 'entry', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (228, 'trade_20260305_143050_000050', 'exit', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (229, 'trade_20260305_143050_000050~c6f81da0', 'entry', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (230, 'trade_20260305_143050_000050~c6f81da0', 'exit', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (231, 'trade_20260305_143051_000051', 'entry', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (232, 'trade_20260305_143051_000051', 'exit', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (233, 'trade_20260305_143051_000051', 'entry', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (234, 'trade_20260305_143051_000051', 'exit', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (235, 'trade_20260305_143051_000051~475147f3', 'entry', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (236, 'trade_20260305_143051_000051~475147f3', 'exit', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (237, 'trade_20260305_143051_000051', 'entry', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (238, 'trade_20260305_143051_000051', 'exit', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (239, 'trade_20260305_143051_000051~475147f3', 'entry', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (240, 'trade_20260305_143051_000051~475147f3', 'exit', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (241, 'trade_20260305_143051_000051~475147f3', 'entry', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (242, 'trade_20260305_143051_000051~475147f3', 'exit', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (243, 'trade_20260305_143051_000051~475147f3', 'entry', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (244, 'trade_20260305_143051_000051~475147f3', 'exit', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (245, 'trade_20260305_143060_000060', 'entry', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (246, 'trade_20260305_143060_000060', 'exit', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (247, 'trade_20260305_143061_000061', 'entry', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (248, 'trade_20260305_143060_000060', 'entry', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (249, 'trade_20260305_143061_000061', 'entry', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (250, 'trade_20260305_143060_000060', 'exit', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (251, 'trade_20260305_143060_000060', 'entry', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (252, 'trade_20260305_143061_000061', 'entry', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (253, 'trade_20260305_143060_000060', 'exit', 1775408449.0534546, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (254, 'trade_20260305_143060_000060', 'entry', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (255, 'trade_20260305_143061_000061', 'entry', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (256, 'trade_20260305_143060_000060', 'exit', 1775408449.0534546, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (257, 'trade_20260305_143061_000061', 'entry', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (258, 'trade_20260305_143060_000060', 'entry', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (259, 'trade_20260305_143060_000060', 'exit', 1775408449.0534546, 'synced', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (260, 'trade_20260305_143066_000066', 'entry', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (261, 'trade_20260305_143066_000066', 'exit', 1775408449.0534546, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (262, 'trade_20260305_143066_000066', 'entry', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (263, 'trade_20260305_143066_000066', 'exit', 1775408449.0534546, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (264, 'trade_20260305_143066_000066', 'entry', 1775408506, 'recorded', 'the outcome of the import is unknown');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (265, 'trade_20260305_143066_000066', 'exit', 1775408506, 'recorded', 'the outcome of the import is unknown');
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (266, 'trade_20260305_143062_000062', 'entry', 1775408506, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (267, 'trade_20260305_143062_000062', 'exit', 1775408506, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (268, 'trade_20260305_143062_000062', 'entry', 1775408506, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (269, 'trade_20260305_143062_000062', 'exit', 1775408506, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (270, 'trade_20260305_143062_000062', 'entry', 1775408506, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (271, 'trade_20260305_143062_000062', 'exit', 1775408506, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (272, 'trade_20260305_143062_000062', 'entry', 1775408506, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (273, 'trade_20260305_143062_000062', 'exit', 1775408506, 'linked', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (274, 'trade_20260305_143063_000063', 'entry', 1775408576, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (275, 'trade_20260305_143063_000063', 'exit', 1775408576, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (276, 'trade_20260305_143063_000063', 'entry', 1775408576, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (277, 'trade_20260305_143063_000063', 'exit', 1775408576, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (278, 'trade_20260305_143063_000063', 'entry', 1775408576, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (279, 'trade_20260305_143063_000063', 'exit', 1775408576, 'imported', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (280, 'trade_20260305_143064_000064', 'entry', 1775408646, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (281, 'trade_20260305_143064_000064', 'exit', 1775408646, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (282, 'trade_20260305_143064_000064', 'entry', 1775408646, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (283, 'trade_20260305_143064_000064', 'exit', 1775408646, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (284, 'trade_20260305_143065_000065', 'entry', 1775408716, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (285, 'trade_20260305_143065_000065', 'exit', 1775408716, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (286, 'trade_20260305_143065_000065', 'entry', 1775408716, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (287, 'trade_20260305_143065_000065', 'exit', 1775408716, 'sent', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (288, 'trade_20260305_143070_000070', 'entry', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (289, 'trade_20260305_143070_000070', 'exit', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (290, 'trade_20260305_143071_000071', 'entry', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (291, 'trade_20260305_143072_000072', 'entry', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (292, 'trade_20260305_143072_000072', 'exit', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (293, 'trade_20260305_143061_000061', 'exit', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (294, 'trade_20260305_143073_000073', 'entry', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (295, 'trade_20260305_143073_000073', 'exit', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (296, 'trade_20260305_143074_000074', 'entry', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.history OVERRIDING SYSTEM VALUE VALUES (297, 'trade_20260305_143074_000074', 'exit', 1775408786, 'recorded', NULL);
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (1, 'argo', false, 'settled', 1772730000, 1772730000, '{"state": "succeeded", "result": {"exec_count": 10, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (2, 'argo', false, 'settled', 1775408449, 1775408449, '{"state": "succeeded", "result": {"exec_count": 11, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (3, 'argo', true, 'settled', 1775408449, 1775408449, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (4, 'argo-2', true, 'settled', 1775408449, 1775408449, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (5, 'argo-2', true, 'settled', 1775408449, 1775408449, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (6, 'argo', false, 'settled', 1775408449, 1775408449, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (7, 'argo', false, 'settled', 1775408449, 1775408449, '{"state": "failed", "result": {"exec_count": 0, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": "At least one data row has an invalid quantity", "error_row": 0}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (8, 'argo', false, 'settled', 1775408449, 1775408449, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (9, 'argo', false, 'settled', 1775408449.01, 1775408449.01, '{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (10, 'argo', false, 'settled', 1775408449.02, 1775408449.02, '{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (11, 'argo', false, 'settled', 1775408449.0336325, 1775408449.0336325, '{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (12, 'argo', false, 'settled', 1775408449.0534546, 1775408449.0534546, '{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (13, 'argo', false, 'settled', 1775408449.0534546, 1775408449.0534546, '{"state": "succeeded", "result": {"exec_count": 4, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (14, 'argo', true, 'settled', 1775408449.0534546, 1775408449.0534546, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (15, 'argo-2', true, 'settled', 1775408449.0534546, 1775408449.0534546, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (16, 'argo', false, 'settled', 1775408449.0534546, 1775408449.0534546, '{"state": "succeeded", "result": {"exec_count": 3, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (17, 'argo', false, 'settled', 1775408449.0534546, 1775408506, '{"state": "ready", "result": null}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (18, 'argo', false, 'settled', 1775408506, 1775408506, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (19, 'argo', false, 'finished', 1775408576, 1775408576, '{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (20, 'argo', false, 'accepted', 1775408646, NULL, NULL);
INSERT INTO argo_tradervue.imports OVERRIDING SYSTEM VALUE VALUES (21, 'argo', false, 'noted', 1775408716, NULL, NULL);
INSERT INTO argo_tradervue.inbox OVERRIDING SYSTEM VALUE VALUES (74, 'trade_20260305_143071_000071', 'exit', 'CORP71|long|2026-03-05T14:30:01.250000', '["trade_20260305_143071_000071","CORP71","long","stock","SIG-000071",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0071",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]', 1775408786);
INSERT INTO argo_tradervue.inbox OVERRIDING SYSTEM VALUE VALUES (75, 'trade_20260305_143075_000075', 'entry', 'CORP75|long|2026-03-05T14:30:01.250000', '["trade_20260305_143075_000075","CORP75","long","stock","SIG-000075",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0075",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]', 1775408786);
INSERT INTO argo_tradervue.lease VALUES ('forward', 'vm+fa62a3a6-3650-4f7a-98bf-ecec6096ddf9+pid:[4026531836]/2771/420719/e7bddacc', 6, 1775408856);
INSERT INTO argo_tradervue.overlays VALUES ('trade_20260305_143060_000060', '3.25', 0, 0);
INSERT INTO argo_tradervue.schema_version VALUES (2);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143020_000020', 'CORP20', 1, 'argo', 1772721001, 1772729109, 1002, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143019_000019', 'CORP19', 1, 'argo', 1772721001, NULL, 1001, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143001_000001', 'CORP1', 1, 'argo', 1772721001, 1772729109, 1003, NULL, false, 0, 0, 'synced', 'CORP1|long|2026-03-05T14:30:01.250000');
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143002_000002', 'CORP2', 1, 'argo', 1772721001, 1772729109, 1004, NULL, false, 0, 0, 'synced', 'CORP2|short|2026-03-05T14:30:01.250000');
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143003_000003', 'CORP3', 1, 'argo', 1772721001, 1772729109, 1005, NULL, false, 0, 0, 'synced', 'CORP3|long|2026-03-05T14:30:01.250000');
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143003_000003~c9061e58', 'OTHER3', 1, 'argo', 1772721001, 1772729109, 1006, NULL, false, 0, 0, 'synced', 'OTHER3|long|2026-03-05T14:30:01.250000');
INSERT INTO argo_tradervue.trades VALUES ('  blank 4 ', 'CORP4', 1, 'argo', 1772721001, 1772729109, 1007, NULL, false, 0, 0, 'synced', 'CORP4|long|2026-03-05T14:30:01.250000');
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143037_000037', 'CORP37', 1, 'argo', 1772721001, 1772729109, 1019, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143011_000011', 'CORP11', 1, 'argo', 1772721001, NULL, 1009, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143012_000012', 'CORP12', 1, 'argo', 1772721001, NULL, 1010, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES (' blank 15  ', 'CORP15', 1, 'argo', 1772721001, 1772729109, 1011, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143016_000016', 'CORP16', 1, 'argo', 1772721001, 1772729109, 1012, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143017_000017', 'CORP17', 1, 'argo', 1772721001, NULL, 1013, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143010_000010', 'CORP10', 1, 'argo', 1772721001, 1772729109, 1008, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143018_000018', 'CORP18', 1, 'argo', 1772721001, 1772729109, 1014, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143013_000013', 'TWIN', 1, 'argo', 1772721001, 1772729109, 1015, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143039_000039', 'CORP39', 1, 'argo', 1772721001, 1772729109, NULL, 1020, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143014_000014', 'TWIN', 2, 'argo-2', 1772721001, 1772729109, 1016, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143017_000017~59d3499e', 'CORP17', 2, 'argo-2', 1772721001, 1772729109, 1017, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143040_000040', 'CORP40', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143031_000031', 'CORP31', 1, 'argo', 1772721001, NULL, 1018, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143073_000073', 'TWIN73', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143050_000050', 'CORP50', 1, 'argo', 1772721001, 1772729109, 1022, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143050_000050~c6f81da0', 'OTHER50', 1, 'argo', 1772721001, 1772729109, 1023, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143051_000051', 'CORP51', 1, 'argo', 1772721001, 1772729109, 1024, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143051_000051~475147f3', 'CORP51', 2, 'argo-2', 1772723400, 1772729109, 1025, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143066_000066', 'CORP66', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143060_000060', 'CORP60', 1, 'argo', 1772721001, 1772729109, 1026, NULL, true, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143062_000062', 'CORP62', 1, 'argo', 1772721001, 1772729109, 1028, NULL, true, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143063_000063', 'CORP63', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143064_000064', 'CORP64', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143065_000065', 'CORP65', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143070_000070', 'CORP70', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143071_000071', 'CORP71', 1, 'argo', 1772721001, NULL, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143072_000072', 'CORP72', 1, 'argo', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143061_000061', 'CORP61', 1, 'argo', 1772721001, 1772729109, 1027, NULL, false, 0, 0, NULL, NULL);
INSERT INTO argo_tradervue.trades VALUES ('trade_20260305_143074_000074', 'TWIN73', 2, 'argo-2', 1772721001, 1772729109, NULL, NULL, false, 0, 0, NULL, NULL);
SELECT pg_catalog.setval('argo_tradervue.executions_seq_seq', 76, true);
SELECT pg_catalog.setval('argo_tradervue.history_seq_seq', 297, true);
SELECT pg_catalog.setval('argo_tradervue.imports_id_seq', 21, true);
SELECT pg_catalog.setval('argo_tradervue.inbox_seq_seq', 75, true);
ALTER TABLE ONLY argo_tradervue.counts
    ADD CONSTRAINT counts_pkey PRIMARY KEY (state);
ALTER TABLE ONLY argo_tradervue.executions
    ADD CONSTRAINT executions_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY argo_tradervue.executions
    ADD CONSTRAINT executions_trade_id_kind_key UNIQUE (trade_id, kind);
ALTER TABLE ONLY argo_tradervue.history
    ADD CONSTRAINT history_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY argo_tradervue.imports
    ADD CONSTRAINT imports_pkey PRIMARY KEY (id);
ALTER TABLE ONLY argo_tradervue.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY argo_tradervue.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);
ALTER TABLE ONLY argo_tradervue.overlays
    ADD CONSTRAINT overlays_pkey PRIMARY KEY (trade_id);
ALTER TABLE ONLY argo_tradervue.trades
    ADD CONSTRAINT trades_pkey PRIMARY KEY (trade_id);
CREATE INDEX basic ON argo_tradervue.trades USING btree (basic_id) WHERE (basic_id IS NOT NULL);
CREATE INDEX due_executions ON argo_tradervue.executions USING btree (due_at, seq) WHERE (state = 'recorded'::text);
CREATE INDEX due_overlays ON argo_tradervue.overlays USING btree (due_at);
CREATE INDEX equal_executions ON argo_tradervue.executions USING btree (symbol, executed_at) WHERE (symbol IS NOT NULL);
CREATE INDEX executed ON argo_tradervue.executions USING btree (executed_at);
CREATE INDEX exits_to_send ON argo_tradervue.executions USING btree (symbol, account_tag, executed_at) WHERE ((state = 'recorded'::text) AND (kind = 'exit'::text));
CREATE INDEX history_of ON argo_tradervue.history USING btree (trade_id, seq);
CREATE INDEX importable ON argo_tradervue.executions USING btree (account_tag, twin, executed_at, kind, seq) WHERE (state = 'recorded'::text);
CREATE INDEX linked ON argo_tradervue.trades USING btree (journal_id) WHERE (journal_id IS NOT NULL);
CREATE INDEX of_import ON argo_tradervue.executions USING btree (import_id) WHERE (import_id IS NOT NULL);
CREATE INDEX slots ON argo_tradervue.trades USING btree (symbol, exit_at);
CREATE INDEX to_annotate ON argo_tradervue.trades USING btree (account_tag, entry_at) WHERE annotate;
CREATE INDEX under_way ON argo_tradervue.executions USING btree (seq) WHERE (state = ANY (ARRAY['recorded'::text, 'sent'::text, 'imported'::text, 'linked'::text]));
CREATE INDEX unsettled ON argo_tradervue.imports USING btree (id) WHERE (stage <> 'settled'::text);
CREATE INDEX waiting_for_a_person ON argo_tradervue.executions USING btree (seq) WHERE (state = ANY (ARRAY['quarantined'::text, 'basic'::text]));
CREATE TRIGGER row_removed AFTER DELETE ON argo_tradervue.executions FOR EACH ROW EXECUTE FUNCTION argo_tradervue.note_removal();
CREATE TRIGGER state_changed AFTER UPDATE OF state ON argo_tradervue.executions FOR EACH ROW WHEN ((old.state <> new.state)) EXECUTE FUNCTION argo_tradervue.note_state();
