// What somebody types or sets goes to the server in its order, and stands until the server has answered to the last of
// it: whatever else the server says meanwhile is about what was there before.
(function () {
  const { state, client, trigger } = window.trame;

  // fields whose text an action takes

  // by field: what somebody has typed, whether the server was told, and which of all that was typed it is
  const ahead = window.Vue.reactive({});
  let count = 0;
  let telling = null;

  const shown = (field, value) => (field in ahead ? ahead[field].text : value);

  function typed(field, text) {
    ahead[field] = { text, isTold: false, number: ++count };
  }

  // to be called among the arguments of the action that takes the text
  function tells(field, text) {
    ahead[field] = { text, isTold: true, number: ++count };
    telling = { field, number: count };
  }

  // what was typed and taken back again is told to nobody
  function left(field) {
    if (field in ahead && !ahead[field].isTold) delete ahead[field];
  }

  async function tellInOrder(...given) {
    const told = telling;
    telling = null;
    tellFirst();
    try {
      return await trigger(...given);
    } finally {
      if (told && told.field in ahead && ahead[told.field].number === told.number) delete ahead[told.field];
    }
  }

  // values that the page itself sets

  const unanswered = new Map();
  const dirty = state.dirty.bind(state);
  const { Trame } = client.getRemote();
  const { updateState } = Trame;

  state.dirty = (...keys) => {
    for (const key of keys) if (state.canDirty(key)) unanswered.set(key, { value: state.get(key) });
    dirty(...keys);
  };

  function holdOwn({ type, keys }) {
    if (type !== "dirty-state") return;
    for (const key of keys) if (unanswered.has(key)) state.state[key] = unanswered.get(key).value;
  }

  state.listeners.unshift(holdOwn); // before all that would show it

  // the answer has those values that the server holds otherwise
  Trame.updateState = async (changes) => {
    const told = changes.map(({ key }) => [key, unanswered.get(key)]);
    const corrected = await updateState(changes);
    const answered = told.filter(([key, own]) => own && unanswered.get(key) === own).map(([key]) => key);
    for (const key of answered) unanswered.delete(key);
    const changed = answered.filter((key) => key in corrected);
    for (const key of changed) state.state[key] = corrected[key];
    state.notifyListeners({ type: "dirty-state", keys: changed });
  };

  // by itself trame holds back what the page has set as long as an answer is outstanding, and an action would work with
  // what stood in a field before
  function tellFirst() {
    const keys = [...state.dirtyKeys];
    if (!keys.length || !client.isConnected()) return;
    state.dirtyKeys.clear();
    const told = Trame.updateState(keys.map((key) => ({ key, value: state.get(key) })));
    told.catch(() => keys.forEach((key) => state.dirtyKeys.add(key)));
  }

  window.trame.trigger = tellInOrder;
  window.trame.utils.typing = { shown, typed, tells, left };
})();
