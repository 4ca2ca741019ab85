package schema

// superseded are the migrations of installations from before views had their own files, by
// checksum. Records of them are recognised and ignored: the present files do everything that those
// did, and each of their statements changes nothing where it was already done.
var superseded = map[string]string{
	"b8a7a70ff8a396727e61747d4d12809b04685fae1e854f3e41889ae3513f42c0": "0001_schema_migrations.sql",
	"2784a9d82bde9ef9f680b84409a7a947805677b311f107924fb1efb9b93aaa6b": "0002_resource_events.sql",
	"60210fd60426385655d1963b1e1a1561218c9a47e1940c6a2ed04fa41c0d93dc": "0003_scans.sql",
	"c8f03080d9d94f9c09f846dc4e0a9cdfc674d8a857adbb13aa2f37a462c2dfa8": "0004_resources.sql",
	"baea9f52d25c4a73f8302d71498ca80928db379cef207ccc11a2a001c91aac9e": "0005_links.sql",
	"b2365770592b88a02192ce51f77f7794cec78311169993a8a0ac4147c0cb5032": "0006_costs.sql",
	"44a47123ffe401f819473562eba598c0db41ea14d71e36a7c13021c801e48761": "0007_metadata.sql",
	"49933a5b8dfc064674ee3b14234794cbb4085ef04a190abae3954919da4742fd": "0008_scan_scopes.sql",
	"1666f58f7dbe0ea600621795cb63dbad6e96916b8b48d6b8f3e3087d47d2c7a3": "0009_resources_current.sql",
	"c12fa6243fc6b2cfff83aff55044ceb6edde1141abac0f409c228a4b8642aa5c": "0010_comments.sql",
	"41267548d92b8b3cf5a32d5d4f937c3caab1df0be577c81cc80be5609b6a058f": "0011_coverage.sql",
	"81331ad07af8982e1323c1b083f3325bfe3f779044849290812efcd4e33ce1f9": "0012_bill_deliveries.sql",
	"a845c4c95dc1ff3ef35760ebd88bc9d13aca697dc7ba9d1bec0949c97a8ed3d1": "0013_account_states.sql",
}
