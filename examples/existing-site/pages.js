// The site's pages. The script tag is all that the chat adds to them.

const layout = (body) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>An existing site</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/style.css">
    <script src="/chat/boot.js" async></script>
  </head>
  <body>
    <main>${body}</main>
  </body>
</html>
`;

const signIn = `
      <h1>Welcome</h1>
      <p>You are not signed in: in the chat you are an anonymous guest.</p>
      <form method="post" action="/sign-in">
        <button name="login" value="ada">Sign in as Ada</button>
        <button name="login" value="kofi">Sign in as Kofi</button>
      </form>
`;

const signedIn = ({ name, plan }) => `
      <h1>Welcome, ${name}</h1>
      <p>Your plan is ${plan}. With your next message the agent sees that, and your member number.</p>
      <form method="post" action="/sign-out" id="sign-out">
        <button>Sign out</button>
      </form>
      <script src="/sign-out.js"></script>
`;

exports.home = (member) => layout(member ? signedIn(member) : signIn);
