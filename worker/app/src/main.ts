import { mount } from 'svelte'
import App from './App.svelte'
import { startRouter } from './lib/router.svelte.ts'
import { theme } from './lib/theme.svelte.ts'
import './styles/tokens.css'
import './styles/base.css'

theme.start()
startRouter()
mount(App, { target: document.getElementById('app') as HTMLElement })
