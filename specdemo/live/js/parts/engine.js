/** The mathematics in a worker. */

/** The other end of `serve` in a worker of `js/dsp`: in a worker or, where a page may have none, on the page. */
export class Engine {
  /**
   * @param {string} source the text of the worker
   * @param {(message: Object) => void} onMessage called with the messages of the newest run alone
   */
  constructor(source, onMessage) {
    this.onMessage = onMessage;
    this.id = 0;
    this.waiting = [];
    const address = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    // A page that was opened from a disk may start scripts as workers, but no modules; without its
    // exports, the module is a script.
    this.urls = { module: address(source), script: address(source.replace(/^export /gm, "")) };
    try {
      this.worker = new Worker(this.urls.script);
      this.worker.onerror = () => this.connectHere();
      this.connect(this.worker);
    } catch {
      this.connectHere();
    }
  }

  connect(port) {
    this.port = port;
    port.onmessage = ({ data }) => {
      this.answered = true;
      if (data.id === this.id) this.onMessage(data);
    };
    this.waiting.forEach((message) => port.postMessage(message));
  }

  /** A security policy that forbids workers shows itself as an error before the first answer. */
  async connectHere() {
    if (this.answered || this.isHere) return;
    this.isHere = true;
    const { port1, port2 } = new MessageChannel();
    (await import(this.urls.module)).serve(port2);
    this.connect(port1);
  }

  send(message) {
    // Until there is an answer, nobody may have heard it.
    if (!this.answered) this.waiting.push(message);
    this.port?.postMessage(message);
  }

  /** What the next runs work on. */
  setInput(input) {
    this.send({ id: ++this.id, kind: "input", input });
  }

  run(settings) {
    this.send({ id: ++this.id, kind: "run", settings });
  }

  cancel() {
    this.send({ id: this.id, kind: "cancel" });
  }

  close() {
    this.worker?.terminate();
    this.port?.close?.();
    Object.values(this.urls).forEach(URL.revokeObjectURL);
  }
}
