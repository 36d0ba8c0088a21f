// Stands in for a tag manager: takes each tag's HTML apart and puts its scripts on the page anew, as those do.

const fire = (html) => {
  const { content } = Object.assign(document.createElement('template'), { innerHTML: html });
  for (const tag of content.querySelectorAll('script')) {
    const script = document.createElement('script');
    for (const { name, value } of tag.attributes) script.setAttribute(name, value);
    script.text = tag.text;
    document.head.append(script);
  }
};

window.container.forEach(fire);
