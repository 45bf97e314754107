/* The score of a quiz: how many of its questions were answered right at the first choice.
 *
 * A quiz works without this script, since its choices are <details>.
 */
(() => {
  "use strict";

  /** The questions of a quiz, and what the first choice was in those that have been answered. */
  class Quiz {
    /** @param {HTMLElement} section */
    constructor(section) {
      this.questions = [...section.querySelectorAll(".sd-question")];
      this.firsts = new Map();
      this.score = document.createElement("p");
      this.score.className = "sd-score";
      this.score.setAttribute("role", "status");
      section.append(this.score);
      this.questions.forEach((question) => this.listen(question));
    }

    /** @param {HTMLElement} question */
    listen(question) {
      for (const choice of question.querySelectorAll(".sd-choice")) {
        choice.addEventListener("toggle", () => choice.open && this.choose(question, choice));
      }
    }

    /** Only the first choice counts. @param {HTMLElement} question @param {HTMLElement} choice */
    choose(question, choice) {
      if (this.firsts.has(question)) return;
      this.firsts.set(question, choice.classList.contains("sd-right"));
      const right = [...this.firsts.values()].filter(Boolean).length;
      const left = this.questions.length - this.firsts.size;
      this.score.textContent = `Right at the first choice: ${right} of ${this.firsts.size}`
        + (left ? `, ${left} to go.` : ".");
    }
  }

  document.querySelectorAll(".sd-quiz").forEach((section) => new Quiz(section));
})();
