"""What the engine refuses, as facts with a name.

The docstring says when the fact holds; the sentence is what the person is told. Each is a `Refusal`, which the web maps
to a status once (`web/errors.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.errors import Refusal
from bpmn.wording import Sentence, sentence
from engine.states import RunState


class NotFound(Refusal):
    """There is no such thing in the person's office; whether another office has it is not told."""

    def __init__(self, what: Sentence | None = None) -> None:
        super().__init__(what or sentence("Halaman atau data yang Anda minta tidak ditemukan di kantor Anda."))


class WrongCredentials(Refusal):
    """User name and password do not belong together, or the person is no longer active."""

    def __init__(self) -> None:
        super().__init__(sentence("Nama pengguna atau kata sandi salah."))


class WrongToken(WrongCredentials):
    """An access token that is unknown, revoked or expired, or whose owner is no longer active."""

    def __init__(self) -> None:
        Refusal.__init__(
            self, sentence("Token akses ini tidak dikenal, sudah dicabut, atau sudah habis masa berlakunya.")
        )


class TooManyAttempts(Refusal):
    """So many attempts to log in failed that the next one has to wait; `seconds` is how long."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        wait = (
            sentence("%(count)d detik", count=seconds)
            if seconds < 100
            else sentence("%(count)d menit", count=-(-seconds // 60))
        )
        super().__init__(
            sentence(
                "Terlalu banyak percobaan yang gagal. Tunggu %(wait)s, lalu coba lagi."
                " Peramban yang sudah pernah Anda pakai untuk masuk tidak ikut menunggu.",
                wait=wait,
            )
        )


class MustChange(Refusal):
    """The password was set by somebody else, and has to be changed in the browser before anything else."""

    def __init__(self) -> None:
        super().__init__(sentence("Kata sandi Anda harus diganti dahulu. Masuk ke Lajur lewat peramban."))


class LinkExpired(Refusal):
    """A link from a mail that was used, is too old, or was never given."""

    def __init__(self) -> None:
        super().__init__(sentence("Tautan ini sudah dipakai atau sudah tidak berlaku. Minta tautan yang baru."))


class UnknownIdentity(Refusal):
    """Somebody came by single sign-on who is nobody here, or not certainly one person."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "Akun SSO Anda belum dikenal di Lajur. Minta administrator kantor Anda mencatat alamat e-mail Anda,"
                " atau masuk dengan nama pengguna dan kata sandi."
            )
        )


class NotAllowed(Refusal):
    """The person lacks the right or the jabatan that the act needs."""


class ScopeMissing(NotAllowed):
    """The token was not made for this; `scope` is what it lacks."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(
            sentence("Token ini tidak diberi izin “%(scope)s”. Buat token lain dengan izin itu.", scope=scope)
        )


class Conflict(Refusal):
    """Somebody else was first: the thing is no longer in the state that the act needs."""


class Invalid(Refusal):
    """What was entered is missing, too long or not among the choices."""


class WrongPassword(Invalid):
    """The own password, which was asked for once more, is not right."""

    def __init__(self) -> None:
        super().__init__(sentence("Kata sandi Anda yang sekarang tidak benar."))


class WeakPassword(Invalid):
    """A new password that is too short, too long, or guessed first."""


class TaskAlreadyClaimed(Conflict):
    """Another person claimed the task first."""

    def __init__(self, who: str) -> None:
        super().__init__(sentence("Tugas ini sudah diambil oleh %(who)s.", who=who))


class TaskFinished(Conflict):
    """The task was finished or withdrawn before."""

    def __init__(self) -> None:
        super().__init__(
            sentence("Tugas ini sudah tidak terbuka lagi. Lihat riwayat berkas untuk mengetahui kelanjutannya.")
        )


class RunNotRunning(Conflict):
    """The run is suspended, cancelled or finished, so nobody can act on its tasks."""

    def __init__(self, state: RunState) -> None:
        super().__init__(
            {
                RunState.SUSPENDED: sentence("Berkas ini sedang ditangguhkan; tunggu sampai dilanjutkan kembali."),
                RunState.CANCELLED: sentence("Berkas ini sudah dibatalkan."),
                RunState.FINISHED: sentence("Berkas ini sudah tuntas."),
                RunState.RUNNING: sentence("Berkas ini sedang berjalan."),
            }[state]
        )


class NotYourTask(NotAllowed):
    """The person has not claimed the task, or holds no jabatan that may."""


class OutcomeChanged(Conflict):
    """What an act on many would do is no longer what was shown before it."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "Keadaannya berubah sejak pratinjau, jadi belum ada yang dilakukan."
                " Periksa lagi yang ditandai, lalu jalankan."
            )
        )


class ReasonMissing(Invalid):
    """A return without a reason."""

    def __init__(self) -> None:
        super().__init__(sentence("Alasan pengembalian wajib diisi agar penerima tahu apa yang harus diperbaiki."))


class ChoiceMissing(Invalid):
    """A decision was left open, or is not one of the diagram's."""

    def __init__(self) -> None:
        super().__init__(sentence("Pilih salah satu keputusan yang tersedia pada tugas ini."))


class TooLong(Invalid):
    """A text longer than its field allows."""

    def __init__(self, field: Sentence, limit: int) -> None:
        super().__init__(
            sentence("%(field)s terlalu panjang: paling banyak %(limit)d karakter.", field=field, limit=limit)
        )


class FileTooLarge(Invalid):
    """A file of more bytes than are taken; `name` is what people know it by, where that is known."""

    def __init__(self, limit: int, name: str = "") -> None:
        megabytes = limit // 1_000_000
        super().__init__(
            sentence(
                "“%(name)s” terlalu besar: paling besar %(limit)d MB untuk satu dokumen.", name=name, limit=megabytes
            )
            if name
            else sentence("Dokumen ini terlalu besar: paling besar %(limit)d MB.", limit=megabytes)
        )


class FileRefused(Invalid):
    """A file that is empty, or of none of the kinds that are taken."""


class DraftConflict(Conflict):
    """The draft was saved by somebody else since it was opened."""

    def __init__(self, who: str) -> None:
        super().__init__(
            sentence(
                "Draf ini sudah disimpan oleh %(who)s sejak Anda membukanya."
                " Unduh pekerjaan Anda, lalu muat ulang halaman.",
                who=who,
            )
        )


class DraftOfAnother(Conflict):
    """Somebody else works on a draft of the SOP, which a diagram from outside would replace."""

    def __init__(self, title: str, who: str) -> None:
        super().__init__(
            sentence(
                "SOP “%(title)s” sedang punya draf yang disimpan oleh %(who)s, dan draf itu tidak ditimpa."
                " Minta %(who)s menerbitkan atau membuang drafnya, lalu kirim lagi.",
                title=title,
                who=who,
            )
        )


class DraftInTheWay(Conflict):
    """A revised document would change a draft that is not published yet, and nobody said that it may."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "SOP ini masih memiliki draf yang belum diterbitkan. Terbitkan dahulu draf itu,"
                " atau setujui bahwa draf itu ikut diubah oleh dokumen baru."
            )
        )


class DraftMissing(Conflict):
    """There is nothing to publish: no draft differs from the published version."""

    def __init__(self) -> None:
        super().__init__(sentence("Tidak ada draf yang dapat diterbitkan untuk SOP ini."))


class UnseenGuesses(Conflict):
    """The draft has steps of which something was inferred that no analyst has confirmed or corrected."""

    def __init__(self, count: int, first: str) -> None:
        super().__init__(
            sentence(
                "Masih ada %(count)d langkah yang belum ditinjau, yang pertama “%(first)s”."
                " Periksa dan benarkan langkah itu sebelum menerbitkan.",
                count=count,
                first=first,
            )
        )


class NotReviewed(Conflict):
    """No analyst has said yet to have looked at the whole draft."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "Draf ini dibaca dari dokumen dan belum ditinjau."
                " Periksa setiap langkahnya di halaman tinjauan, lalu nyatakan sudah diperiksa."
            )
        )


class Retired(Conflict):
    """The SOP is no longer in force."""

    def __init__(self) -> None:
        super().__init__(sentence("SOP ini sudah tidak berlaku, sehingga berkas baru tidak dapat dimulai."))


class SopExists(Conflict):
    """The office already has an SOP with this process id."""

    def __init__(self, title: str) -> None:
        super().__init__(
            sentence(
                "SOP “%(title)s” sudah ada di kantor ini. Buka SOP itu, lalu pilih “Perbarui dari Dokumen”.",
                title=title,
            )
        )


class LaneWithoutJabatan(Invalid):
    """A lane of the diagram names no jabatan of the office."""

    def __init__(self, lanes: str) -> None:
        super().__init__(
            sentence(
                "Lajur %(lanes)s belum dikenal sebagai jabatan di kantor ini."
                " Ubah nama lajurnya, atau tambahkan jabatan itu pada halaman SOP.",
                lanes=lanes,
            )
        )


class NothingPublished(Conflict):
    """A run cannot start from an SOP without a published version."""

    def __init__(self) -> None:
        super().__init__(sentence("SOP ini belum diterbitkan, sehingga berkas belum dapat dimulai."))


class VersionNotInForce(Conflict):
    """A run was to start by a draft, or by a version that is not the one that new runs get."""

    def __init__(self, wanted: int | None, published: int | None) -> None:
        if wanted is None:
            told = sentence(
                "Diagram ini masih draf dan belum diterbitkan, sehingga berkas belum dapat dimulai."
                " Terbitkan dahulu di halaman SOP."
            )
        else:
            told = sentence(
                "Versi %(wanted)s sudah tidak berlaku; yang berlaku versi %(published)s. Kirim ulang diagramnya.",
                wanted=wanted,
                published=published or "-",
            )
        super().__init__(told)


class StaleRun(Conflict):
    """The run's state moved on while the act was under way; nothing was written."""

    def __init__(self) -> None:
        super().__init__(sentence("Berkas ini baru saja diubah oleh orang lain. Muat ulang halaman, lalu ulangi."))


class StateDamaged(Conflict):
    """The stored state of a run does not load; `why` names what went wrong."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            sentence(
                "Keadaan berkas ini rusak dan tidak dapat dibaca; administrator perlu memulihkannya dari cadangan."
            )
        )


class RunDamaged(StateDamaged):
    """The act could not be done because the run's state does not load; `mark` then writes that down.

    `Database.transaction` calls `mark` in a transaction of its own, after that of the act was rolled back.
    """

    def __init__(self, why: str, mark: Callable[[Any], None]) -> None:
        self.mark = mark
        super().__init__(why)


class NotTheLastStep(Conflict):
    """What was done cannot be taken back, because the run has gone on since."""

    def __init__(self) -> None:
        super().__init__(
            sentence("Langkah ini tidak dapat dibuka lagi karena berkasnya sudah dilanjutkan setelah itu.")
        )


class NothingWaits(Conflict):
    """No run waits for this message or signal."""

    def __init__(self, name: str) -> None:
        super().__init__(sentence("Tidak ada berkas berjalan yang menunggu “%(name)s”.", name=name))


class CalledSopMissing(Conflict):
    """A diagram calls an SOP that the office has not published."""

    def __init__(self, called: str) -> None:
        super().__init__(
            sentence("SOP “%(called)s” yang dipanggil diagram ini belum diterbitkan di kantor ini.", called=called)
        )


class CallsItself(Invalid):
    """By way of the SOPs it calls, an SOP calls itself."""

    def __init__(self, called: str) -> None:
        super().__init__(
            sentence("Diagram ini memanggil SOP “%(called)s”, yang memanggil SOP ini kembali.", called=called)
        )


class KeyUsed(Conflict):
    """An idempotency key was used before for something else."""

    def __init__(self) -> None:
        super().__init__(sentence("Kiriman ini memakai kunci dari kiriman lain. Muat ulang halaman, lalu ulangi."))


class FieldWrong(Invalid):
    """A field of a form is missing, foreign, or holds what it does not take."""


class RunDoesNotAdvance(Refusal):
    """The diagram sends the run round without ever reaching a person, or into a gateway without a way out."""

    def __init__(self, where: str) -> None:
        super().__init__(
            sentence(
                "Berkas tidak dapat dilanjutkan karena diagramnya tidak menentukan jalan setelah “%(where)s”."
                " Hubungi analis SOP kantor Anda.",
                where=where,
            )
        )


class MoveRefused(Conflict):
    """A run cannot go on by the other version, or not go back; then none of the runs does."""

    def __init__(self, subject: str, why: Sentence) -> None:
        super().__init__(
            sentence(
                "Berkas “%(subject)s” tidak dapat dipindahkan, sehingga tidak ada berkas yang dipindahkan. %(why)s",
                subject=subject,
                why=why,
            )
        )


class AlreadyReverted(Conflict):
    """The move of runs was taken back before."""

    def __init__(self, who: str) -> None:
        super().__init__(sentence("Pemindahan berkas ini sudah dibatalkan oleh %(who)s.", who=who))
