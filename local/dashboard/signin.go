package dashboard

import (
	"html/template"
	"net/http"
)

var signInTemplate = template.Must(template.New("sign-in").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{{if .Open}}<meta http-equiv="refresh" content="0; url={{.Open}}">
{{end}}<title>Sign in - Polo</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 28rem; margin: 15vh auto 0; padding: 0 1rem }
input, button { font: inherit; padding: .4rem .6rem; box-sizing: border-box }
input { width: 100%; margin: .3rem 0 .8rem }
</style>
</head>
<body>
<main>
<h1>Polo</h1>
{{if .Message}}<p role="alert">{{.Message}}</p>
{{end}}<p>Open the address that <code>polo up</code> printed, or paste its key, which is what follows <code>key=</code>.</p>
<form method="post" action="` + signInPath + `">
<label>Key <input name="key" type="password" autocomplete="off" required autofocus></label>
<input type="hidden" name="to" value="{{.To}}">
<button>Sign in</button>
</form>
</main>
</body>
</html>
`))

// signInPage asks for the key. to is where it leads; open is a path that the page opens at once, if not empty.
func signInPage(w http.ResponseWriter, status int, message, to, open string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "same-origin") // without a referrer, a form's Origin is null
	w.WriteHeader(status)
	_ = signInTemplate.Execute(w, map[string]string{"Message": message, "To": to, "Open": open}) // the client may have disconnected
}
