BEGIN TRANSACTION;
CREATE TABLE counts (
      state     TEXT PRIMARY KEY,
      number    INTEGER NOT NULL,
      last_at   REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO "counts" VALUES('basic',2,1775408449.0);
INSERT INTO "counts" VALUES('discarded',1,1.79576154321591043472e+09);
INSERT INTO "counts" VALUES('imported',2,1775408576.0);
INSERT INTO "counts" VALUES('linked',2,1775408506.0);
INSERT INTO "counts" VALUES('quarantined',9,1.77540844906021404265e+09);
INSERT INTO "counts" VALUES('recorded',12,1775408786.0);
INSERT INTO "counts" VALUES('sent',4,1775408716.0);
INSERT INTO "counts" VALUES('skipped',2,1775408449.0);
INSERT INTO "counts" VALUES('synced',32,1.77540844906021404265e+09);
CREATE TABLE executions (
      seq         INTEGER PRIMARY KEY,
      trade_id    TEXT NOT NULL,
      kind        TEXT NOT NULL CHECK (kind IN ('entry', 'exit')),
      identity    TEXT NOT NULL,
      payload     TEXT NOT NULL,
      recorded_at REAL NOT NULL,
      state       TEXT NOT NULL DEFAULT 'new',
      symbol      TEXT,
      quantity    TEXT,
      price       TEXT,
      commission  TEXT,
      executed_at INTEGER,
      account_tag TEXT NOT NULL DEFAULT '',
      twin        INTEGER NOT NULL DEFAULT 0,
      import_id   INTEGER,
      journal_id  INTEGER,
      attempts    INTEGER NOT NULL DEFAULT 0,
      due_at      REAL NOT NULL DEFAULT 0,
      reason      TEXT,
      updated_at  REAL NOT NULL DEFAULT 0,
      UNIQUE (trade_id, kind)
    ) STRICT;
INSERT INTO "executions" VALUES(1,'trade_20260305_143020_000020','entry','','{}',1.79576154285599541666e+09,'synced','CORP20','10','100.25',NULL,1772721001,'argo',0,NULL,1002,0,0.0,NULL,1.79576154285599541666e+09);
INSERT INTO "executions" VALUES(2,'trade_20260305_143020_000020','exit','','{}',1.79576154285855579375e+09,'synced','CORP20','-10','103.5','2',1772729109,'argo',0,NULL,1002,0,0.0,NULL,1.79576154285855579375e+09);
INSERT INTO "executions" VALUES(3,'trade_20260305_143019_000019','entry','','{}',1.79576154285887432094e+09,'synced','CORP19','10','100.25',NULL,1772721001,'argo',0,NULL,1001,0,0.0,NULL,1.79576154285887432094e+09);
INSERT INTO "executions" VALUES(4,'trade_20260305_143010_000010','entry','CORP10|long|2026-03-05T14:30:01.250000','["trade_20260305_143010_000010","CORP10","long","stock","SIG-000010",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0010",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP10','10','100.25',NULL,1772721001,'argo',0,2,1008,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(5,'trade_20260305_143010_000010','exit','CORP10|long|2026-03-05T14:30:01.250000','["trade_20260305_143010_000010","CORP10","long","stock","SIG-000010",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0010",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP10','-10','103.5','2',1772729109,'argo',0,2,1008,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(6,'trade_20260305_143011_000011','entry','CORP11|long|2026-03-05T14:30:01.250000','["trade_20260305_143011_000011","CORP11","long","stock","SIG-000011",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0011",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP11','10','100.25',NULL,1772721001,'argo',0,2,1009,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(7,'trade_20260305_143012_000012','entry','CORP12|long|2026-03-05T14:30:01.250000','["trade_20260305_143012_000012","CORP12","long","stock","SIG-000012",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0012",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP12','10','100.25',NULL,1772721001,'argo',0,2,1010,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(8,'trade_20260305_143013_000013','entry','TWIN|long|2026-03-05T14:30:01.250000','["trade_20260305_143013_000013","TWIN","long","stock","SIG-000013",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0013",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','TWIN','10','100.25',NULL,1772721001,'argo',1,3,1015,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(9,'trade_20260305_143013_000013','exit','TWIN|long|2026-03-05T14:30:01.250000','["trade_20260305_143013_000013","TWIN","long","stock","SIG-000013",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0013",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','TWIN','-10','103.5','2',1772729109,'argo',1,3,1015,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(10,'trade_20260305_143014_000014','entry','TWIN|long|2026-03-05T14:30:01.250000','["trade_20260305_143014_000014","TWIN","long","stock","SIG-000014",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0014",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','TWIN','10','100.25',NULL,1772721001,'argo-2',1,4,1016,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(11,'trade_20260305_143014_000014','exit','TWIN|long|2026-03-05T14:30:01.250000','["trade_20260305_143014_000014","TWIN","long","stock","SIG-000014",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0014",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','TWIN','-10','103.5','2',1772729109,'argo-2',1,4,1016,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(12,' blank 15  ','entry','CORP15|long|2026-03-05T14:30:01.250000','[" blank 15  ","CORP15","long","stock","SIG-000015",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0015",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP15','10','100.25',NULL,1772721001,'argo',0,2,1011,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(13,' blank 15  ','exit','CORP15|long|2026-03-05T14:30:01.250000','[" blank 15  ","CORP15","long","stock","SIG-000015",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0015",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP15','-10','103.5','2',1772729109,'argo',0,2,1011,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(14,'trade_20260305_143016_000016','entry','CORP16|LONG|2026-03-05T09:30:01.250000-05:00','["trade_20260305_143016_000016","CORP16","LONG","stock","SIG-000016",100.25,null,100.25,null,10,10,"2026-03-05T09:30:01.250000-05:00",null,null,null,"pending",87.5,"hash0016",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP16','10','100.25',NULL,1772721001,'argo',0,2,1012,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(15,'trade_20260305_143016_000016','exit','CORP16|LONG|2026-03-05T09:30:01.250000-05:00','["trade_20260305_143016_000016","CORP16","LONG","stock","SIG-000016",100.25,103.5,100.25,103.5,10,10,"2026-03-05T09:30:01.250000-05:00","2026-03-05T16:45:09.750000Z",30.5,3.04,"win",87.5,"hash0016",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP16','-10','103.5','2',1772729109,'argo',0,2,1012,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(16,'trade_20260305_143017_000017','entry','CORP17|long|2026-03-05T14:30:01.250000','["trade_20260305_143017_000017","CORP17","long","stock","SIG-000017",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0017",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP17','10','100.25',NULL,1772721001,'argo',0,2,1013,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(17,'trade_20260305_143018_000018','entry',' corp18 |long|2026-03-05T14:30:01.250000','["trade_20260305_143018_000018"," corp18 ","long","stock","SIG-000018",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0018",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP18','10','100.25',NULL,1772721001,'argo',0,2,1014,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(18,'trade_20260305_143018_000018','exit',' corp18 |long|2026-03-05T14:30:01.250000','["trade_20260305_143018_000018"," corp18 ","long","stock","SIG-000018",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0018",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP18','-10','103.5','2',1772729109,'argo',0,2,1014,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(19,'trade_20260305_143017_000017~59d3499e','exit','CORP17|long|2026-03-05T14:30:01.250000+00:00','["trade_20260305_143017_000017","CORP17","long","stock","SIG-000017",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000+00:00","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0017",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP17','-10','103.5','2',1772729109,'argo-2',1,5,1017,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(20,'trade_20260305_143017_000017~59d3499e','entry','CORP17|long|2026-03-05T14:30:01.250000+00:00','["trade_20260305_143017_000017","CORP17","long","stock","SIG-000017",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000+00:00","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0017",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP17','10','100.25',NULL,1772721001,'argo-2',1,5,1017,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(21,'trade_20260305_143030_000030','entry','CORP30|long|2026-03-05T14:30:01.250000','["trade_20260305_143030_000030","CORP30","long","stock","SIG-000030",100.25,null,100.25,null,"many",null,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0030",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'quantity=''many'': must be a number',1775408449.0);
INSERT INTO "executions" VALUES(22,'trade_20260305_143031_000031','entry','CORP31|long|2026-03-05T14:30:01.250000','["trade_20260305_143031_000031","CORP31","long","stock","SIG-000031",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0031",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'synced','CORP31','10','100.25',NULL,1772721001,'argo',0,6,1018,0,0.0,NULL,1775408449.0);
INSERT INTO "executions" VALUES(23,'trade_20260305_143031_000031','exit','CORP31|long|2026-03-05T14:30:01.250000','["trade_20260305_143031_000031","CORP31","long","stock","SIG-000031",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0031",null,null,"BULL",null,"take_profit","automatic",null,null,null,-0.25,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'commission=''-0.25'': must not be negative',1775408449.0);
INSERT INTO "executions" VALUES(24,'unidentified-b8b13d9faa172743','entry','CORP32|long|2026-03-05T14:30:01.250000','[4711,"CORP32","long","stock","SIG-000032",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0032",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'id=Decimal(''4711''): must not be empty',1775408449.0);
INSERT INTO "executions" VALUES(25,'unidentified-0980b9c139f656af','entry','CORP33|long|2026-03-05T14:30:01.250000','[null,"CORP33","long","stock","SIG-000033",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0033",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'id=None: must not be empty',1775408449.0);
INSERT INTO "executions" VALUES(26,'trade_20260305_143034_000034','entry','CORP34|long|2026-03-05T14:30:01.250000','["trade_20260305_143034_000034","CORP34","long","stock","SIG-000034",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0034",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,true,false,null]',1775408449.0,'skipped',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'cancelled',1775408449.0);
INSERT INTO "executions" VALUES(27,'trade_20260305_143035_000035','entry','CORP35|long|2026-03-05T14:30:01.250000','["trade_20260305_143035_000035","CORP35","long","stock","SIG-000035",100.25,null,100.25,null,10,0,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0035",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'skipped',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'quantity 0: not filled',1775408449.0);
INSERT INTO "executions" VALUES(28,'trade_20260305_143036_000036','entry','CORP36|buy|2026-03-05T14:30:01.250000','["trade_20260305_143036_000036","CORP36","buy","stock","SIG-000036",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0036",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'signal_type=''buy'': must be long or short',1775408449.0);
INSERT INTO "executions" VALUES(29,'trade_20260305_143037_000037','entry','CORP37|long|2026-03-05T14:30:01.250000','["trade_20260305_143037_000037","CORP37","long","stock","SIG-000037",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0037",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined','CORP37','10','100.25',NULL,1772721001,'argo',0,6,1019,0,0.0,'somebody deleted it in the journal',1775408449.0);
INSERT INTO "executions" VALUES(30,'trade_20260305_143038_000038','entry','CORP38|long|2026-03-05T14:30:01.250000','["trade_20260305_143038_000038","CORP38","long","stock","SIG-000038",100.25,null,100.25,null,"some",null,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0038",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'discarded',NULL,NULL,NULL,NULL,NULL,'',0,NULL,NULL,0,0.0,'discarded by a person',1.79576154321591043472e+09);
INSERT INTO "executions" VALUES(31,'trade_20260305_143037_000037','exit','CORP37|long|2026-03-05T14:30:01.250000','["trade_20260305_143037_000037","CORP37","long","stock","SIG-000037",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0037",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined','CORP37','-10','103.5','2',1772729109,'argo',0,NULL,NULL,0,0.0,'somebody deleted it in the journal',1775408449.0);
INSERT INTO "executions" VALUES(32,'trade_20260305_143039_000039','entry','CORP39|long|2026-03-05T14:30:01.250000','["trade_20260305_143039_000039","CORP39","long","stock","SIG-000039",100.25,null,100.25,null,10,0.5,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0039",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'basic','CORP39','0.5','100.25',NULL,1772721001,'argo',0,7,NULL,0,0.0,'At least one data row has an invalid quantity',1775408449.0);
INSERT INTO "executions" VALUES(33,'trade_20260305_143039_000039','exit','CORP39|long|2026-03-05T14:30:01.250000','["trade_20260305_143039_000039","CORP39","long","stock","SIG-000039",100.25,103.5,100.25,103.5,10,0.5,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0039",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'basic','CORP39','-0.5','103.5','2',1772729109,'argo',0,7,NULL,0,0.0,'At least one data row has an invalid quantity',1775408449.0);
INSERT INTO "executions" VALUES(34,'trade_20260305_143040_000040','entry','CORP40|long|2026-03-05T14:30:01.250000','["trade_20260305_143040_000040","CORP40","long","stock","SIG-000040",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0040",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined','CORP40','10','100.25',NULL,1772721001,'argo',0,12,NULL,4,1.77540844906021404265e+09,'not in the journal after 5 imports that succeeded (2 duplicates reported by the last)',1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(35,'trade_20260305_143040_000040','exit','CORP40|long|2026-03-05T14:30:01.250000','["trade_20260305_143040_000040","CORP40","long","stock","SIG-000040",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0040",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408449.0,'quarantined','CORP40','-10','103.5','2',1772729109,'argo',0,12,NULL,4,1.77540844906021404265e+09,'not in the journal after 5 imports that succeeded (2 duplicates reported by the last)',1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(36,'trade_20260305_143050_000050','entry','CORP50|long|2026-03-05T14:30:01.250000','["trade_20260305_143050_000050","CORP50","long","stock","SIG-000050",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0050",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP50','10','100.25',NULL,1772721001,'argo',0,13,1022,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(37,'trade_20260305_143050_000050','exit','CORP50|long|2026-03-05T14:30:01.250000','["trade_20260305_143050_000050","CORP50","long","stock","SIG-000050",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0050",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP50','-10','103.5','2',1772729109,'argo',0,13,1022,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(38,'trade_20260305_143050_000050~c6f81da0','entry','OTHER50|long|2026-03-05T14:30:01.250000','["trade_20260305_143050_000050","OTHER50","long","stock","SIG-000050",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0050",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','OTHER50','10','100.25',NULL,1772721001,'argo',0,13,1023,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(39,'trade_20260305_143050_000050~c6f81da0','exit','OTHER50|long|2026-03-05T14:30:01.250000','["trade_20260305_143050_000050","OTHER50","long","stock","SIG-000050",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0050",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','OTHER50','-10','103.5','2',1772729109,'argo',0,13,1023,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(40,'trade_20260305_143051_000051','entry','CORP51|long|2026-03-05T14:30:01.250000','["trade_20260305_143051_000051","CORP51","long","stock","A",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0051",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP51','10','100.25',NULL,1772721001,'argo',1,14,1024,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(41,'trade_20260305_143051_000051','exit','CORP51|long|2026-03-05T14:30:01.250000','["trade_20260305_143051_000051","CORP51","long","stock","A",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0051",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP51','-10','103.5','2',1772729109,'argo',1,14,1024,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(42,'trade_20260305_143051_000051~475147f3','entry','CORP51|long|2026-03-05T15:10:00','["trade_20260305_143051_000051","CORP51","long","stock","B",100.25,null,101.5,null,10,10,"2026-03-05T15:10:00",null,null,null,"pending",87.5,"hash0051",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP51','10','101.5',NULL,1772723400,'argo-2',1,15,1025,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(43,'trade_20260305_143051_000051~475147f3','exit','CORP51|long|2026-03-05T15:10:00','["trade_20260305_143051_000051","CORP51","long","stock","B",100.25,103.5,101.5,103.5,10,10,"2026-03-05T15:10:00","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0051",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP51','-10','103.5','2',1772729109,'argo-2',1,15,1025,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(44,'trade_20260305_143060_000060','entry','CORP60|long|2026-03-05T14:30:01.250000','["trade_20260305_143060_000060","CORP60","long","stock","SIG-000060",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0060",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP60','10','100.25',NULL,1772721001,'argo',0,16,1026,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(45,'trade_20260305_143060_000060','exit','CORP60|long|2026-03-05T14:30:01.250000','["trade_20260305_143060_000060","CORP60","long","stock","SIG-000060",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0060",null,null,"BULL",null,"take_profit","automatic",null,null,null,3.25,98.25,105.0,false,false,false,null]',1775408506.0,'synced','CORP60','-10','103.5',NULL,1772729109,'argo',0,16,1026,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(46,'trade_20260305_143061_000061','entry','CORP61|long|2026-03-05T14:30:01.250000','["trade_20260305_143061_000061","CORP61","long","stock","SIG-000061",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0061",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'synced','CORP61','10','100.25',NULL,1772721001,'argo',0,16,1027,0,0.0,NULL,1.77540844906021404265e+09);
INSERT INTO "executions" VALUES(47,'trade_20260305_143066_000066','entry','CORP66|long|2026-03-05T14:30:01.250000','["trade_20260305_143066_000066","CORP66","long","stock","SIG-000066",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0066",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'recorded','CORP66','10','100.25',NULL,1772721001,'argo',0,17,NULL,1,1775840506.0,'the outcome of the import is unknown',1775408506.0);
INSERT INTO "executions" VALUES(48,'trade_20260305_143066_000066','exit','CORP66|long|2026-03-05T14:30:01.250000','["trade_20260305_143066_000066","CORP66","long","stock","SIG-000066",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0066",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1.77540844906021404265e+09,'recorded','CORP66','-10','103.5','2',1772729109,'argo',0,17,NULL,1,1775840506.0,'the outcome of the import is unknown',1775408506.0);
INSERT INTO "executions" VALUES(49,'trade_20260305_143062_000062','entry','CORP62|long|2026-03-05T14:30:01.250000','["trade_20260305_143062_000062","CORP62","long","stock","SIG-000062",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0062",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408506.0,'linked','CORP62','10','100.25',NULL,1772721001,'argo',0,18,1028,0,0.0,NULL,1775408506.0);
INSERT INTO "executions" VALUES(50,'trade_20260305_143062_000062','exit','CORP62|long|2026-03-05T14:30:01.250000','["trade_20260305_143062_000062","CORP62","long","stock","SIG-000062",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0062",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408506.0,'linked','CORP62','-10','103.5','2',1772729109,'argo',0,18,1028,0,0.0,NULL,1775408506.0);
INSERT INTO "executions" VALUES(51,'trade_20260305_143063_000063','entry','CORP63|long|2026-03-05T14:30:01.250000','["trade_20260305_143063_000063","CORP63","long","stock","SIG-000063",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0063",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408576.0,'imported','CORP63','10','100.25',NULL,1772721001,'argo',0,19,NULL,0,0.0,NULL,1775408576.0);
INSERT INTO "executions" VALUES(52,'trade_20260305_143063_000063','exit','CORP63|long|2026-03-05T14:30:01.250000','["trade_20260305_143063_000063","CORP63","long","stock","SIG-000063",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0063",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408576.0,'imported','CORP63','-10','103.5','2',1772729109,'argo',0,19,NULL,0,0.0,NULL,1775408576.0);
INSERT INTO "executions" VALUES(53,'trade_20260305_143064_000064','entry','CORP64|long|2026-03-05T14:30:01.250000','["trade_20260305_143064_000064","CORP64","long","stock","SIG-000064",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0064",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408646.0,'sent','CORP64','10','100.25',NULL,1772721001,'argo',0,20,NULL,0,0.0,NULL,1775408646.0);
INSERT INTO "executions" VALUES(54,'trade_20260305_143064_000064','exit','CORP64|long|2026-03-05T14:30:01.250000','["trade_20260305_143064_000064","CORP64","long","stock","SIG-000064",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0064",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408646.0,'sent','CORP64','-10','103.5','2',1772729109,'argo',0,20,NULL,0,0.0,NULL,1775408646.0);
INSERT INTO "executions" VALUES(55,'trade_20260305_143065_000065','entry','CORP65|long|2026-03-05T14:30:01.250000','["trade_20260305_143065_000065","CORP65","long","stock","SIG-000065",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0065",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408716.0,'sent','CORP65','10','100.25',NULL,1772721001,'argo',0,21,NULL,0,0.0,NULL,1775408716.0);
INSERT INTO "executions" VALUES(56,'trade_20260305_143065_000065','exit','CORP65|long|2026-03-05T14:30:01.250000','["trade_20260305_143065_000065","CORP65","long","stock","SIG-000065",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0065",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408716.0,'sent','CORP65','-10','103.5','2',1772729109,'argo',0,21,NULL,0,0.0,NULL,1775408716.0);
INSERT INTO "executions" VALUES(57,'trade_20260305_143070_000070','entry','CORP70|long|2026-03-05T14:30:01.250000','["trade_20260305_143070_000070","CORP70","long","stock","SIG-000070",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0070",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','CORP70','10','100.25',NULL,1772721001,'argo',0,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(58,'trade_20260305_143070_000070','exit','CORP70|long|2026-03-05T14:30:01.250000','["trade_20260305_143070_000070","CORP70","long","stock","SIG-000070",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0070",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','CORP70','-10','103.5','2',1772729109,'argo',0,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(59,'trade_20260305_143071_000071','entry','CORP71|long|2026-03-05T14:30:01.250000','["trade_20260305_143071_000071","CORP71","long","stock","SIG-000071",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0071",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','CORP71','10','100.25',NULL,1772721001,'argo',0,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(60,'trade_20260305_143072_000072','entry','CORP72|long|2026-03-05T14:30:01.250000','["trade_20260305_143072_000072","CORP72","long","stock","SIG-000072",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0072",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','CORP72','4','100.25',NULL,1772721001,'argo',0,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(61,'trade_20260305_143072_000072','exit','CORP72|long|2026-03-05T14:30:01.250000','["trade_20260305_143072_000072","CORP72","long","stock","SIG-000072",100.25,103.5,100.25,103.5,4,4,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0072",null,null,"BULL",null,"take_profit","automatic",null,null,null,null,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','CORP72','-4','103.5',NULL,1772729109,'argo',0,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(62,'trade_20260305_143061_000061','exit','CORP61|long|2026-03-05T14:30:01.250000','["trade_20260305_143061_000061","CORP61","long","stock","SIG-000061",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0061",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','CORP61','-10','103.5','2',1772729109,'argo',0,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(63,'trade_20260305_143073_000073','entry','TWIN73|long|2026-03-05T14:30:01.250000','["trade_20260305_143073_000073","TWIN73","long","stock","SIG-000073",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0073",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','TWIN73','10','100.25',NULL,1772721001,'argo',1,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(64,'trade_20260305_143073_000073','exit','TWIN73|long|2026-03-05T14:30:01.250000','["trade_20260305_143073_000073","TWIN73","long","stock","SIG-000073",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0073",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','TWIN73','-10','103.5','2',1772729109,'argo',1,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(65,'trade_20260305_143074_000074','entry','TWIN73|long|2026-03-05T14:30:01.250000','["trade_20260305_143074_000074","TWIN73","long","stock","SIG-000074",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0074",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','TWIN73','10','100.25',NULL,1772721001,'argo-2',1,NULL,NULL,0,0.0,NULL,1775408786.0);
INSERT INTO "executions" VALUES(66,'trade_20260305_143074_000074','exit','TWIN73|long|2026-03-05T14:30:01.250000','["trade_20260305_143074_000074","TWIN73","long","stock","SIG-000074",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0074",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408786.0,'recorded','TWIN73','-10','103.5','2',1772729109,'argo-2',1,NULL,NULL,0,0.0,NULL,1775408786.0);
CREATE TABLE history (
      seq      INTEGER PRIMARY KEY,
      trade_id TEXT NOT NULL,
      kind     TEXT NOT NULL,
      at       REAL NOT NULL,
      state    TEXT NOT NULL,
      detail   TEXT
    ) STRICT;
INSERT INTO "history" VALUES(1,'trade_20260305_143020_000020','entry',1.79576154285599541666e+09,'recorded',NULL);
INSERT INTO "history" VALUES(2,'trade_20260305_143020_000020','entry',1.79576154285599541666e+09,'linked',NULL);
INSERT INTO "history" VALUES(3,'trade_20260305_143020_000020','entry',1.79576154285599541666e+09,'synced',NULL);
INSERT INTO "history" VALUES(4,'trade_20260305_143020_000020','exit',1.79576154285855579375e+09,'recorded',NULL);
INSERT INTO "history" VALUES(5,'trade_20260305_143020_000020','exit',1.79576154285855579375e+09,'linked',NULL);
INSERT INTO "history" VALUES(6,'trade_20260305_143020_000020','exit',1.79576154285855579375e+09,'synced',NULL);
INSERT INTO "history" VALUES(7,'trade_20260305_143019_000019','entry',1.79576154285887432094e+09,'recorded',NULL);
INSERT INTO "history" VALUES(8,'trade_20260305_143019_000019','entry',1.79576154285887432094e+09,'linked',NULL);
INSERT INTO "history" VALUES(9,'trade_20260305_143019_000019','entry',1.79576154285887432094e+09,'synced',NULL);
INSERT INTO "history" VALUES(59,'trade_20260305_143003_000003~c9061e58','exit',1772730000.0,'synced',NULL);
INSERT INTO "history" VALUES(60,'trade_20260305_143010_000010','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(61,'trade_20260305_143010_000010','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(62,'trade_20260305_143011_000011','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(63,'trade_20260305_143012_000012','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(64,'trade_20260305_143013_000013','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(65,'trade_20260305_143013_000013','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(66,'trade_20260305_143014_000014','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(67,'trade_20260305_143014_000014','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(68,' blank 15  ','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(69,' blank 15  ','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(70,'trade_20260305_143016_000016','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(71,'trade_20260305_143016_000016','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(72,'trade_20260305_143017_000017','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(73,'trade_20260305_143018_000018','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(74,'trade_20260305_143018_000018','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(75,'trade_20260305_143010_000010','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(76,'trade_20260305_143011_000011','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(77,'trade_20260305_143012_000012','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(78,' blank 15  ','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(79,'trade_20260305_143016_000016','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(80,'trade_20260305_143017_000017','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(81,'trade_20260305_143018_000018','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(82,'trade_20260305_143010_000010','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(83,' blank 15  ','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(84,'trade_20260305_143016_000016','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(85,'trade_20260305_143018_000018','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(86,'trade_20260305_143010_000010','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(87,'trade_20260305_143011_000011','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(88,'trade_20260305_143012_000012','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(89,' blank 15  ','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(90,'trade_20260305_143016_000016','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(91,'trade_20260305_143017_000017','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(92,'trade_20260305_143018_000018','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(93,'trade_20260305_143010_000010','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(94,' blank 15  ','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(95,'trade_20260305_143016_000016','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(96,'trade_20260305_143018_000018','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(97,'trade_20260305_143010_000010','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(98,'trade_20260305_143011_000011','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(99,'trade_20260305_143012_000012','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(100,' blank 15  ','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(101,'trade_20260305_143016_000016','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(102,'trade_20260305_143017_000017','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(103,'trade_20260305_143018_000018','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(104,'trade_20260305_143010_000010','exit',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(105,' blank 15  ','exit',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(106,'trade_20260305_143016_000016','exit',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(107,'trade_20260305_143018_000018','exit',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(108,'trade_20260305_143013_000013','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(109,'trade_20260305_143013_000013','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(110,' blank 15  ','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(111,' blank 15  ','exit',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(112,'trade_20260305_143010_000010','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(113,'trade_20260305_143010_000010','exit',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(114,'trade_20260305_143011_000011','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(115,'trade_20260305_143012_000012','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(116,'trade_20260305_143016_000016','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(117,'trade_20260305_143016_000016','exit',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(118,'trade_20260305_143017_000017','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(119,'trade_20260305_143018_000018','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(120,'trade_20260305_143018_000018','exit',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(121,'trade_20260305_143013_000013','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(122,'trade_20260305_143013_000013','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(123,'trade_20260305_143013_000013','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(124,'trade_20260305_143013_000013','exit',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(125,'trade_20260305_143014_000014','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(126,'trade_20260305_143014_000014','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(127,'trade_20260305_143013_000013','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(128,'trade_20260305_143013_000013','exit',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(129,'trade_20260305_143014_000014','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(130,'trade_20260305_143014_000014','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(131,'trade_20260305_143014_000014','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(132,'trade_20260305_143014_000014','exit',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(133,'trade_20260305_143014_000014','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(134,'trade_20260305_143014_000014','exit',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(135,'trade_20260305_143017_000017~59d3499e','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(136,'trade_20260305_143017_000017~59d3499e','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(137,'trade_20260305_143017_000017~59d3499e','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(138,'trade_20260305_143017_000017~59d3499e','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(139,'trade_20260305_143017_000017~59d3499e','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(140,'trade_20260305_143017_000017~59d3499e','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(141,'trade_20260305_143017_000017~59d3499e','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(142,'trade_20260305_143017_000017~59d3499e','exit',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(143,'trade_20260305_143017_000017~59d3499e','exit',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(144,'trade_20260305_143017_000017~59d3499e','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(145,'trade_20260305_143030_000030','entry',1775408449.0,'quarantined','quantity=''many'': must be a number');
INSERT INTO "history" VALUES(146,'trade_20260305_143031_000031','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(147,'trade_20260305_143031_000031','exit',1775408449.0,'quarantined','commission=''-0.25'': must not be negative');
INSERT INTO "history" VALUES(148,'unidentified-b8b13d9faa172743','entry',1775408449.0,'quarantined','id=Decimal(''4711''): must not be empty');
INSERT INTO "history" VALUES(149,'unidentified-0980b9c139f656af','entry',1775408449.0,'quarantined','id=None: must not be empty');
INSERT INTO "history" VALUES(150,'trade_20260305_143034_000034','entry',1775408449.0,'skipped','cancelled');
INSERT INTO "history" VALUES(151,'trade_20260305_143035_000035','entry',1775408449.0,'skipped','quantity 0: not filled');
INSERT INTO "history" VALUES(152,'trade_20260305_143036_000036','entry',1775408449.0,'quarantined','signal_type=''buy'': must be long or short');
INSERT INTO "history" VALUES(153,'trade_20260305_143037_000037','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(154,'trade_20260305_143038_000038','entry',1775408449.0,'quarantined','quantity=''some'': must be a number');
INSERT INTO "history" VALUES(155,'trade_20260305_143031_000031','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(156,'trade_20260305_143037_000037','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(157,'trade_20260305_143031_000031','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(158,'trade_20260305_143037_000037','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(159,'trade_20260305_143031_000031','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(160,'trade_20260305_143037_000037','entry',1775408449.0,'linked',NULL);
INSERT INTO "history" VALUES(161,'trade_20260305_143031_000031','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(162,'trade_20260305_143037_000037','entry',1775408449.0,'synced',NULL);
INSERT INTO "history" VALUES(163,'trade_20260305_143038_000038','entry',1.79576154321591043472e+09,'discarded','discarded by a person');
INSERT INTO "history" VALUES(164,'trade_20260305_143037_000037','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(165,'trade_20260305_143037_000037','entry',1775408449.0,'quarantined','somebody deleted it in the journal');
INSERT INTO "history" VALUES(166,'trade_20260305_143037_000037','exit',1775408449.0,'quarantined','somebody deleted it in the journal');
INSERT INTO "history" VALUES(167,'trade_20260305_143039_000039','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(168,'trade_20260305_143039_000039','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(169,'trade_20260305_143039_000039','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(170,'trade_20260305_143039_000039','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(171,'trade_20260305_143039_000039','entry',1775408449.0,'basic','At least one data row has an invalid quantity');
INSERT INTO "history" VALUES(172,'trade_20260305_143039_000039','exit',1775408449.0,'basic','At least one data row has an invalid quantity');
INSERT INTO "history" VALUES(173,'trade_20260305_143040_000040','entry',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(174,'trade_20260305_143040_000040','exit',1775408449.0,'recorded',NULL);
INSERT INTO "history" VALUES(175,'trade_20260305_143040_000040','entry',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(176,'trade_20260305_143040_000040','exit',1775408449.0,'sent',NULL);
INSERT INTO "history" VALUES(177,'trade_20260305_143040_000040','entry',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(178,'trade_20260305_143040_000040','exit',1775408449.0,'imported',NULL);
INSERT INTO "history" VALUES(179,'trade_20260305_143040_000040','entry',1775408449.0,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(180,'trade_20260305_143040_000040','exit',1775408449.0,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(181,'trade_20260305_143040_000040','entry',1775408449.01,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(182,'trade_20260305_143040_000040','exit',1775408449.01,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(183,'trade_20260305_143040_000040','entry',1775408449.01,'imported',NULL);
INSERT INTO "history" VALUES(184,'trade_20260305_143040_000040','exit',1775408449.01,'imported',NULL);
INSERT INTO "history" VALUES(185,'trade_20260305_143040_000040','entry',1775408449.01,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(186,'trade_20260305_143040_000040','exit',1775408449.01,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(187,'trade_20260305_143040_000040','entry',1775408449.02,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(188,'trade_20260305_143040_000040','exit',1775408449.02,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(189,'trade_20260305_143040_000040','entry',1775408449.02,'imported',NULL);
INSERT INTO "history" VALUES(190,'trade_20260305_143040_000040','exit',1775408449.02,'imported',NULL);
INSERT INTO "history" VALUES(191,'trade_20260305_143040_000040','entry',1775408449.02,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(192,'trade_20260305_143040_000040','exit',1775408449.02,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(193,'trade_20260305_143040_000040','entry',1.77540844903379821774e+09,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(194,'trade_20260305_143040_000040','exit',1.77540844903379821774e+09,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(195,'trade_20260305_143040_000040','entry',1.77540844903379821774e+09,'imported',NULL);
INSERT INTO "history" VALUES(196,'trade_20260305_143040_000040','exit',1.77540844903379821774e+09,'imported',NULL);
INSERT INTO "history" VALUES(197,'trade_20260305_143040_000040','entry',1.77540844903379821774e+09,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(198,'trade_20260305_143040_000040','exit',1.77540844903379821774e+09,'recorded','imported, but not in the journal');
INSERT INTO "history" VALUES(199,'trade_20260305_143040_000040','entry',1.77540844906021404265e+09,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(200,'trade_20260305_143040_000040','exit',1.77540844906021404265e+09,'sent','imported, but not in the journal');
INSERT INTO "history" VALUES(201,'trade_20260305_143040_000040','entry',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(202,'trade_20260305_143040_000040','exit',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(203,'trade_20260305_143040_000040','entry',1.77540844906021404265e+09,'quarantined','not in the journal after 5 imports that succeeded (2 duplicates reported by the last)');
INSERT INTO "history" VALUES(204,'trade_20260305_143040_000040','exit',1.77540844906021404265e+09,'quarantined','not in the journal after 5 imports that succeeded (2 duplicates reported by the last)');
INSERT INTO "history" VALUES(205,'trade_20260305_143050_000050','entry',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(206,'trade_20260305_143050_000050','exit',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(207,'trade_20260305_143050_000050~c6f81da0','entry',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(208,'trade_20260305_143050_000050~c6f81da0','exit',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(209,'trade_20260305_143051_000051','entry',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(210,'trade_20260305_143051_000051','exit',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(211,'trade_20260305_143051_000051~475147f3','entry',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(212,'trade_20260305_143051_000051~475147f3','exit',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(213,'trade_20260305_143050_000050','entry',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(214,'trade_20260305_143050_000050~c6f81da0','entry',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(215,'trade_20260305_143050_000050','exit',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(216,'trade_20260305_143050_000050~c6f81da0','exit',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(217,'trade_20260305_143050_000050','entry',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(218,'trade_20260305_143050_000050~c6f81da0','entry',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(219,'trade_20260305_143050_000050','exit',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(220,'trade_20260305_143050_000050~c6f81da0','exit',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(221,'trade_20260305_143050_000050','entry',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(222,'trade_20260305_143050_000050~c6f81da0','entry',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(223,'trade_20260305_143050_000050','exit',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(224,'trade_20260305_143050_000050~c6f81da0','exit',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(225,'trade_20260305_143051_000051','entry',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(226,'trade_20260305_143051_000051','exit',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(227,'trade_20260305_143050_000050','entry',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(228,'trade_20260305_143050_000050','exit',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(229,'trade_20260305_143050_000050~c6f81da0','entry',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(230,'trade_20260305_143050_000050~c6f81da0','exit',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(231,'trade_20260305_143051_000051','entry',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(232,'trade_20260305_143051_000051','exit',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(233,'trade_20260305_143051_000051','entry',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(234,'trade_20260305_143051_000051','exit',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(235,'trade_20260305_143051_000051~475147f3','entry',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(236,'trade_20260305_143051_000051~475147f3','exit',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(237,'trade_20260305_143051_000051','entry',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(238,'trade_20260305_143051_000051','exit',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(239,'trade_20260305_143051_000051~475147f3','entry',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(240,'trade_20260305_143051_000051~475147f3','exit',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(241,'trade_20260305_143051_000051~475147f3','entry',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(242,'trade_20260305_143051_000051~475147f3','exit',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(243,'trade_20260305_143051_000051~475147f3','entry',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(244,'trade_20260305_143051_000051~475147f3','exit',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(245,'trade_20260305_143060_000060','entry',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(246,'trade_20260305_143060_000060','exit',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(247,'trade_20260305_143061_000061','entry',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(248,'trade_20260305_143060_000060','entry',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(249,'trade_20260305_143061_000061','entry',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(250,'trade_20260305_143060_000060','exit',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(251,'trade_20260305_143060_000060','entry',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(252,'trade_20260305_143061_000061','entry',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(253,'trade_20260305_143060_000060','exit',1.77540844906021404265e+09,'imported',NULL);
INSERT INTO "history" VALUES(254,'trade_20260305_143060_000060','entry',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(255,'trade_20260305_143061_000061','entry',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(256,'trade_20260305_143060_000060','exit',1.77540844906021404265e+09,'linked',NULL);
INSERT INTO "history" VALUES(257,'trade_20260305_143060_000060','entry',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(258,'trade_20260305_143060_000060','exit',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(259,'trade_20260305_143061_000061','entry',1.77540844906021404265e+09,'synced',NULL);
INSERT INTO "history" VALUES(260,'trade_20260305_143066_000066','entry',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(261,'trade_20260305_143066_000066','exit',1.77540844906021404265e+09,'recorded',NULL);
INSERT INTO "history" VALUES(262,'trade_20260305_143066_000066','entry',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(263,'trade_20260305_143066_000066','exit',1.77540844906021404265e+09,'sent',NULL);
INSERT INTO "history" VALUES(264,'trade_20260305_143066_000066','entry',1775408506.0,'recorded','the outcome of the import is unknown');
INSERT INTO "history" VALUES(265,'trade_20260305_143066_000066','exit',1775408506.0,'recorded','the outcome of the import is unknown');
INSERT INTO "history" VALUES(266,'trade_20260305_143062_000062','entry',1775408506.0,'recorded',NULL);
INSERT INTO "history" VALUES(267,'trade_20260305_143062_000062','exit',1775408506.0,'recorded',NULL);
INSERT INTO "history" VALUES(268,'trade_20260305_143062_000062','entry',1775408506.0,'sent',NULL);
INSERT INTO "history" VALUES(269,'trade_20260305_143062_000062','exit',1775408506.0,'sent',NULL);
INSERT INTO "history" VALUES(270,'trade_20260305_143062_000062','entry',1775408506.0,'imported',NULL);
INSERT INTO "history" VALUES(271,'trade_20260305_143062_000062','exit',1775408506.0,'imported',NULL);
INSERT INTO "history" VALUES(272,'trade_20260305_143062_000062','entry',1775408506.0,'linked',NULL);
INSERT INTO "history" VALUES(273,'trade_20260305_143062_000062','exit',1775408506.0,'linked',NULL);
INSERT INTO "history" VALUES(274,'trade_20260305_143063_000063','entry',1775408576.0,'recorded',NULL);
INSERT INTO "history" VALUES(275,'trade_20260305_143063_000063','exit',1775408576.0,'recorded',NULL);
INSERT INTO "history" VALUES(276,'trade_20260305_143063_000063','entry',1775408576.0,'sent',NULL);
INSERT INTO "history" VALUES(277,'trade_20260305_143063_000063','exit',1775408576.0,'sent',NULL);
INSERT INTO "history" VALUES(278,'trade_20260305_143063_000063','entry',1775408576.0,'imported',NULL);
INSERT INTO "history" VALUES(279,'trade_20260305_143063_000063','exit',1775408576.0,'imported',NULL);
INSERT INTO "history" VALUES(280,'trade_20260305_143064_000064','entry',1775408646.0,'recorded',NULL);
INSERT INTO "history" VALUES(281,'trade_20260305_143064_000064','exit',1775408646.0,'recorded',NULL);
INSERT INTO "history" VALUES(282,'trade_20260305_143064_000064','entry',1775408646.0,'sent',NULL);
INSERT INTO "history" VALUES(283,'trade_20260305_143064_000064','exit',1775408646.0,'sent',NULL);
INSERT INTO "history" VALUES(284,'trade_20260305_143065_000065','entry',1775408716.0,'recorded',NULL);
INSERT INTO "history" VALUES(285,'trade_20260305_143065_000065','exit',1775408716.0,'recorded',NULL);
INSERT INTO "history" VALUES(286,'trade_20260305_143065_000065','entry',1775408716.0,'sent',NULL);
INSERT INTO "history" VALUES(287,'trade_20260305_143065_000065','exit',1775408716.0,'sent',NULL);
INSERT INTO "history" VALUES(288,'trade_20260305_143070_000070','entry',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(289,'trade_20260305_143070_000070','exit',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(290,'trade_20260305_143071_000071','entry',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(291,'trade_20260305_143072_000072','entry',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(292,'trade_20260305_143072_000072','exit',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(293,'trade_20260305_143061_000061','exit',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(294,'trade_20260305_143073_000073','entry',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(295,'trade_20260305_143073_000073','exit',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(296,'trade_20260305_143074_000074','entry',1775408786.0,'recorded',NULL);
INSERT INTO "history" VALUES(297,'trade_20260305_143074_000074','exit',1775408786.0,'recorded',NULL);
CREATE TABLE imports (
      id               INTEGER PRIMARY KEY,
      account_tag      TEXT NOT NULL,
      allow_duplicates INTEGER NOT NULL,
      stage            TEXT NOT NULL DEFAULT 'noted',
      noted_at         REAL NOT NULL,
      finished_at      REAL,
      outcome          TEXT
    ) STRICT;
INSERT INTO "imports" VALUES(1,'argo',0,'settled',1772730000.0,1772730000.0,'{"state": "succeeded", "result": {"exec_count": 10, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(2,'argo',0,'settled',1775408449.0,1775408449.0,'{"state": "succeeded", "result": {"exec_count": 11, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(3,'argo',1,'settled',1775408449.0,1775408449.0,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(4,'argo-2',1,'settled',1775408449.0,1775408449.0,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(5,'argo-2',1,'settled',1775408449.0,1775408449.0,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(6,'argo',0,'settled',1775408449.0,1775408449.0,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(7,'argo',0,'settled',1775408449.0,1775408449.0,'{"state": "failed", "result": {"exec_count": 0, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": "At least one data row has an invalid quantity", "error_row": 0}}');
INSERT INTO "imports" VALUES(8,'argo',0,'settled',1775408449.0,1775408449.0,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(9,'argo',0,'settled',1775408449.01,1775408449.01,'{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(10,'argo',0,'settled',1775408449.02,1775408449.02,'{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(11,'argo',0,'settled',1.77540844903379821774e+09,1.77540844903379821774e+09,'{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(12,'argo',0,'settled',1.77540844906021404265e+09,1.77540844906021404265e+09,'{"state": "succeeded", "result": {"exec_count": 0, "duplicate_count": 2, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(13,'argo',0,'settled',1.77540844906021404265e+09,1.77540844906021404265e+09,'{"state": "succeeded", "result": {"exec_count": 4, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(14,'argo',1,'settled',1.77540844906021404265e+09,1.77540844906021404265e+09,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(15,'argo-2',1,'settled',1.77540844906021404265e+09,1.77540844906021404265e+09,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(16,'argo',0,'settled',1.77540844906021404265e+09,1.77540844906021404265e+09,'{"state": "succeeded", "result": {"exec_count": 3, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(17,'argo',0,'settled',1.77540844906021404265e+09,1775408506.0,'{"state": "ready", "result": null}');
INSERT INTO "imports" VALUES(18,'argo',0,'settled',1775408506.0,1775408506.0,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(19,'argo',0,'finished',1775408576.0,1775408576.0,'{"state": "succeeded", "result": {"exec_count": 2, "duplicate_count": 0, "overquota_count": 0, "skipped_futures": false, "skipped_options": false, "skipped_forex": false, "error": null, "error_row": null}}');
INSERT INTO "imports" VALUES(20,'argo',0,'accepted',1775408646.0,NULL,NULL);
INSERT INTO "imports" VALUES(21,'argo',0,'noted',1775408716.0,NULL,NULL);
CREATE TABLE inbox (
      seq         INTEGER PRIMARY KEY,
      trade_id    TEXT NOT NULL,
      kind        TEXT NOT NULL,
      identity    TEXT NOT NULL,
      payload     TEXT NOT NULL,
      recorded_at REAL NOT NULL
    ) STRICT;
INSERT INTO "inbox" VALUES(1,'trade_20260305_143071_000071','exit','CORP71|long|2026-03-05T14:30:01.250000','["trade_20260305_143071_000071","CORP71","long","stock","SIG-000071",100.25,103.5,100.25,103.5,10,10,"2026-03-05T14:30:01.250000","2026-03-05T16:45:09.750000",30.5,3.04,"win",87.5,"hash0071",null,null,"BULL",null,"take_profit","automatic",null,null,null,2.0,98.25,105.0,false,false,false,null]',1775408786.0);
INSERT INTO "inbox" VALUES(2,'trade_20260305_143075_000075','entry','CORP75|long|2026-03-05T14:30:01.250000','["trade_20260305_143075_000075","CORP75","long","stock","SIG-000075",100.25,null,100.25,null,10,10,"2026-03-05T14:30:01.250000",null,null,null,"pending",87.5,"hash0075",null,null,"BULL",null,null,null,null,null,null,null,98.25,105.0,false,false,false,null]',1775408786.0);
CREATE TABLE lease (
      name       TEXT PRIMARY KEY,
      holder     TEXT NOT NULL,
      token      INTEGER NOT NULL,
      expires_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
INSERT INTO "lease" VALUES('forward','vm+fa62a3a6-3650-4f7a-98bf-ecec6096ddf9+pid:[4026531836]/2771/420719/0974bdcb',6,1775408856.0);
CREATE TABLE overlays (
      trade_id   TEXT PRIMARY KEY,
      commission TEXT NOT NULL,
      attempts   INTEGER NOT NULL DEFAULT 0,
      due_at     REAL NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
INSERT INTO "overlays" VALUES('trade_20260305_143060_000060','3.25',0,0.0);
CREATE TABLE trades (
      trade_id    TEXT PRIMARY KEY,
      symbol      TEXT NOT NULL,
      slot        INTEGER NOT NULL,
      account_tag TEXT NOT NULL,
      entry_at    INTEGER NOT NULL,
      exit_at     INTEGER,
      journal_id  INTEGER,
      basic_id    INTEGER,
      annotate    INTEGER NOT NULL DEFAULT 0,
      attempts    INTEGER NOT NULL DEFAULT 0,
      due_at      REAL NOT NULL DEFAULT 0
    , finished TEXT, identity TEXT) STRICT, WITHOUT ROWID;
INSERT INTO "trades" VALUES('  blank 4 ','CORP4',1,'argo',1772721001,1772729109,1007,NULL,0,0,0.0,'synced','CORP4|long|2026-03-05T14:30:01.250000');
INSERT INTO "trades" VALUES(' blank 15  ','CORP15',1,'argo',1772721001,1772729109,1011,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143001_000001','CORP1',1,'argo',1772721001,1772729109,1003,NULL,0,0,0.0,'synced','CORP1|long|2026-03-05T14:30:01.250000');
INSERT INTO "trades" VALUES('trade_20260305_143002_000002','CORP2',1,'argo',1772721001,1772729109,1004,NULL,0,0,0.0,'synced','CORP2|short|2026-03-05T14:30:01.250000');
INSERT INTO "trades" VALUES('trade_20260305_143003_000003','CORP3',1,'argo',1772721001,1772729109,1005,NULL,0,0,0.0,'synced','CORP3|long|2026-03-05T14:30:01.250000');
INSERT INTO "trades" VALUES('trade_20260305_143003_000003~c9061e58','OTHER3',1,'argo',1772721001,1772729109,1006,NULL,0,0,0.0,'synced','OTHER3|long|2026-03-05T14:30:01.250000');
INSERT INTO "trades" VALUES('trade_20260305_143010_000010','CORP10',1,'argo',1772721001,1772729109,1008,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143011_000011','CORP11',1,'argo',1772721001,NULL,1009,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143012_000012','CORP12',1,'argo',1772721001,NULL,1010,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143013_000013','TWIN',1,'argo',1772721001,1772729109,1015,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143014_000014','TWIN',2,'argo-2',1772721001,1772729109,1016,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143016_000016','CORP16',1,'argo',1772721001,1772729109,1012,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143017_000017','CORP17',1,'argo',1772721001,NULL,1013,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143017_000017~59d3499e','CORP17',2,'argo-2',1772721001,1772729109,1017,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143018_000018','CORP18',1,'argo',1772721001,1772729109,1014,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143019_000019','CORP19',1,'argo',1772721001,NULL,1001,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143020_000020','CORP20',1,'argo',1772721001,1772729109,1002,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143031_000031','CORP31',1,'argo',1772721001,NULL,1018,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143037_000037','CORP37',1,'argo',1772721001,1772729109,1019,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143039_000039','CORP39',1,'argo',1772721001,1772729109,NULL,1020,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143040_000040','CORP40',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143050_000050','CORP50',1,'argo',1772721001,1772729109,1022,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143050_000050~c6f81da0','OTHER50',1,'argo',1772721001,1772729109,1023,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143051_000051','CORP51',1,'argo',1772721001,1772729109,1024,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143051_000051~475147f3','CORP51',2,'argo-2',1772723400,1772729109,1025,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143060_000060','CORP60',1,'argo',1772721001,1772729109,1026,NULL,1,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143061_000061','CORP61',1,'argo',1772721001,1772729109,1027,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143062_000062','CORP62',1,'argo',1772721001,1772729109,1028,NULL,1,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143063_000063','CORP63',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143064_000064','CORP64',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143065_000065','CORP65',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143066_000066','CORP66',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143070_000070','CORP70',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143071_000071','CORP71',1,'argo',1772721001,NULL,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143072_000072','CORP72',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143073_000073','TWIN73',1,'argo',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
INSERT INTO "trades" VALUES('trade_20260305_143074_000074','TWIN73',2,'argo-2',1772721001,1772729109,NULL,NULL,0,0,0.0,NULL,NULL);
CREATE INDEX due_executions ON executions (due_at, seq) WHERE state = 'recorded';
CREATE INDEX importable ON executions (account_tag, twin, executed_at, kind, seq)
     WHERE state = 'recorded';
CREATE INDEX under_way ON executions (seq)
     WHERE state IN ('recorded', 'sent', 'imported', 'linked');
CREATE INDEX waiting_for_a_person ON executions (seq)
     WHERE state IN ('quarantined', 'basic');
CREATE INDEX equal_executions ON executions (symbol, executed_at)
     WHERE symbol IS NOT NULL;
CREATE INDEX of_import ON executions (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX slots ON trades (symbol, exit_at);
CREATE INDEX linked ON trades (journal_id) WHERE journal_id IS NOT NULL;
CREATE INDEX basic ON trades (basic_id) WHERE basic_id IS NOT NULL;
CREATE INDEX to_annotate ON trades (account_tag, entry_at) WHERE annotate;
CREATE INDEX unsettled ON imports (id) WHERE stage <> 'settled';
CREATE INDEX history_of ON history (trade_id, seq);
CREATE TRIGGER state_changed AFTER UPDATE OF state ON executions
    WHEN OLD.state <> NEW.state
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
      INSERT INTO counts VALUES (NEW.state, 1, NEW.updated_at)
      ON CONFLICT DO UPDATE SET number = number + 1, last_at = excluded.last_at;
      INSERT INTO history (trade_id, kind, at, state, detail)
      VALUES (NEW.trade_id, NEW.kind, NEW.updated_at, NEW.state, NEW.reason);
    END;
CREATE INDEX executed ON executions (executed_at);
CREATE INDEX exits_to_send ON executions (symbol, account_tag, executed_at)
     WHERE state = 'recorded' AND kind = 'exit';
CREATE TRIGGER row_removed AFTER DELETE ON executions
    BEGIN
      UPDATE counts SET number = number - 1 WHERE state = OLD.state;
    END;
COMMIT;
PRAGMA user_version = 2;
