// How the launcher and the window look.

export const CSS = `
:host { all: initial; position: fixed; z-index: 99999999; right: 20px; bottom: 20px;
  font: 15px/1.45 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; color: #16213a; color-scheme: light; }
:host(:dir(rtl)) { right: auto; left: 20px; }
* { box-sizing: border-box; }
:host([hidden]), [hidden] { display: none !important; }
button { font: inherit; color: inherit; border: 0; background: none; cursor: pointer; padding: 0; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.9;
  stroke-linecap: round; stroke-linejoin: round; display: block; }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--primary) 55%, white); outline-offset: 2px; }

.launcher { width: 60px; height: 60px; border-radius: 50%; display: grid; place-items: center; color: #fff;
  background: linear-gradient(145deg, color-mix(in srgb, var(--primary) 86%, white), var(--primary));
  box-shadow: 0 8px 24px color-mix(in srgb, var(--primary) 38%, transparent), 0 2px 6px rgb(15 23 42 / .18);
  transition: transform .18s ease, box-shadow .18s ease; }
.launcher:hover { transform: translateY(-2px) scale(1.03); }
.launcher svg { width: 28px; height: 28px; }

.window { position: absolute; right: 0; bottom: 76px; width: min(384px, calc(100vw - 32px));
  height: min(620px, calc(100vh - 116px)); display: flex; flex-direction: column; overflow: hidden;
  background: #fff; border-radius: 18px; box-shadow: 0 24px 64px rgb(15 23 42 / .24), 0 2px 8px rgb(15 23 42 / .12);
  animation: rise .22s cubic-bezier(.2, .8, .3, 1); }
:host(:dir(rtl)) .window { right: auto; left: 0; }
@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.98); } }

header { display: flex; align-items: center; gap: 12px; padding-block: 16px; padding-inline: 18px 12px; color: #fff;
  background: linear-gradient(135deg, color-mix(in srgb, var(--primary) 88%, white), var(--primary) 55%,
    color-mix(in srgb, var(--primary) 84%, black)); }
.face { width: 38px; height: 38px; border-radius: 50%; display: grid; place-items: center; flex: none;
  background: rgb(255 255 255 / .18); }
header .who { flex: 1; min-width: 0; }
header h2 { margin: 0; font-size: 16px; font-weight: 650; line-height: 1.25; }
header p { margin: 1px 0 0; font-size: 12.5px; opacity: .92; }
header button { width: 36px; height: 36px; border-radius: 10px; display: grid; place-items: center; }
header button:hover { background: rgb(255 255 255 / .16); }
header button:focus-visible { outline-color: #fff; }

.agent { border-bottom: 1px solid #e6eaf2; background: #f6f8fc; padding: 9px 18px 10px; font-size: 12.5px; }
.agent.proven { background: #eef8f1; }
.notice { display: flex; align-items: center; gap: 10px; padding: 8px 18px; font-size: 13px; color: #526079;
  background: #f6f8fc; border-top: 1px solid #e6eaf2; }
.notice button { font-weight: 600; color: var(--primary); text-decoration: underline; }
.agent h3 { margin: 0; font-size: 11px; font-weight: 650; letter-spacing: .05em; text-transform: uppercase;
  color: #526079; }
.agent p { margin: 2px 0 0; color: #526079; }
.agent dl { display: flex; flex-wrap: wrap; gap: 5px; margin: 6px 0 0; max-height: 84px; overflow: auto; }
.agent dl div { display: flex; max-width: 100%; border-radius: 7px; overflow: hidden; background: #fff;
  border: 1px solid #dbe2ee; }
.agent dt { padding: 2px 7px; color: #526079; background: #eef2f9; white-space: nowrap; }
.agent dd { margin: 0; padding: 2px 8px; font-weight: 550; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }

.log { flex: 1; overflow-y: auto; padding: 18px 16px 8px; display: flex; flex-direction: column; gap: 8px;
  overscroll-behavior: contain; }
.message { max-width: 82%; padding: 9px 14px; border-radius: 16px; overflow-wrap: anywhere; white-space: pre-wrap; }
.message.agent-says { align-self: flex-start; background: #eef1f7; border-end-start-radius: 5px; }
.message.visitor { align-self: flex-end; color: #fff; background: var(--primary); border-end-end-radius: 5px; }
.message.new { animation: pop .2s ease-out; }
@keyframes pop { from { opacity: 0; transform: translateY(6px); } }
.message.failed { color: #8a1c1c; background: #fdecec; box-shadow: inset 0 0 0 1px #f3bcbc; }
.why { align-self: flex-end; max-width: 82%; margin: -3px 2px 0; font-size: 12px; color: #b42318; text-align: end; }
.typing { display: flex; gap: 4px; padding: 13px 15px; }
.typing i { width: 6px; height: 6px; border-radius: 50%; background: #8492ab; animation: blink 1.1s infinite; }
.typing i:nth-child(2) { animation-delay: .15s; }
.typing i:nth-child(3) { animation-delay: .3s; }
@keyframes blink { 0%, 70%, 100% { opacity: .35; } 35% { opacity: 1; } }

form { display: flex; align-items: flex-end; gap: 8px; margin: 8px 14px 6px; padding-block: 5px; padding-inline: 14px 5px;
  border: 1.5px solid #cfd7e6; border-radius: 24px; background: #fff; }
form:focus-within { border-color: var(--primary); box-shadow: 0 0 0 3px color-mix(in srgb, var(--primary) 16%, transparent); }
textarea { flex: 1; min-width: 0; border: 0; outline: 0; resize: none; font: inherit; color: inherit; background: none;
  padding: 6px 0; height: 34px; max-height: 110px; field-sizing: content; }
textarea:focus-visible { outline: 0; }
textarea::placeholder { color: #67748c; }
form button { width: 34px; height: 34px; border-radius: 50%; display: grid; place-items: center; flex: none;
  color: #fff; background: var(--primary); }
form button svg { width: 18px; height: 18px; }
:host(:dir(rtl)) form svg { transform: scaleX(-1); }
footer { padding: 0 0 9px; text-align: center; font-size: 11px; color: #67748c; }

@media (max-width: 460px) {
  .window { position: fixed; inset: 0; width: auto; height: auto; border-radius: 0; }
}
@media (prefers-reduced-motion: reduce) { *, .launcher { animation: none !important; transition: none; } }
@media (forced-colors: active) { .launcher, .window, .message, form { border: 1px solid; } }
`;
