"""What takes the place of the page when its program does not answer any more; `connection.js` looks for it."""

TEMPLATE = """
<v-app :theme="theme === 'system' ? undefined : theme"><v-main class="d-flex align-center justify-center">
  <v-card max-width="620" class="lost-connection pa-4" role="alert">
    <v-card-title class="text-wrap">RWTHSAM does not answer any more</v-card-title>
    <v-card-text>
      <p class="mb-3">The program behind this page has ended, or the connection to it is broken.</p>
      <p class="mb-3"><b>Your work is not lost.</b> What was not saved as a project was kept on the computer that runs
        RWTHSAM, at the latest a quarter of a minute after it was done, and is offered at the next start.</p>
      <p class="mb-3">To go on, start RWTHSAM again as before (<code>make run</code> or <code>rwthsam web</code>), open
        the address that it prints, and press <b>Restore</b>.</p>
      <div data-found="gone" class="d-flex align-center">
        <v-progress-circular indeterminate size="16" width="2" class="mr-2" color="primary"></v-progress-circular>
        <span>This page looks for it again and again, and goes on by itself when only the connection was broken.</span>
      </div>
      <div data-found="anew" hidden>RWTHSAM runs again, started anew: open the address that it has printed.</div>
    </v-card-text>
  </v-card>
</v-main></v-app>
"""
"""Vue: the page's own widgets are gone by then."""
