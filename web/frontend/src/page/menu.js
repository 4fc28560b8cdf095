/** The user menu, and in a demo that of people to be, close like menus. */

for (const menu of document.querySelectorAll('.usermenu, .demo-switch')) {
  document.addEventListener('click', (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && menu.open) {
      menu.open = false;
      menu.querySelector('summary').focus();
    }
  });
}
