//! A real mail server for tests: Dovecot for IMAP and Exim for SMTP, as an ordinary user, on free ports.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::channel::ChannelKind;
use domain::settings::ConnectionSettings;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::world::{settings, with_value};

/// Everybody who has a mailbox; the password is `secret`.
pub(crate) const BOXES: [&str; 3] = ["support@shop.test", "sales@shop.test", "ana@example.com"];

/// How long a server may take to start or a mail to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct PostOffice {
    folder: tempfile::TempDir,
    imap: u16,
    smtp: u16,
    servers: Vec<Child>,
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        for server in &mut self.servers {
            // Dovecot ends its children only when it is asked to.
            let _ = Command::new("kill").arg(server.id().to_string()).status();
        }
        for server in &mut self.servers {
            let _ = server.wait();
        }
    }
}

impl PostOffice {
    /// Starts both; `None`, said aloud, when they are not installed and not required.
    pub(crate) async fn open() -> Option<Self> {
        let missing = ["/usr/sbin/dovecot", "/usr/sbin/exim4"].into_iter().find(|path| !Path::new(path).exists());
        if let Some(missing) = missing {
            assert!(std::env::var_os("RAPPORT_REQUIRE_MAIL").is_none(), "{missing} is required and not installed");
            eprintln!("skipped: {missing} is not installed (apt-get install dovecot-imapd exim4-daemon-light)");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("rapport-mail").tempdir().unwrap();
        let (imap, smtp) = (free_port(), free_port());
        write_configuration(folder.path(), imap, smtp);
        let mut office = Self { folder, imap, smtp, servers: Vec::new() };
        office.start();
        wait_for(imap).await;
        wait_for(smtp).await;
        Some(office)
    }

    fn start(&mut self) {
        let folder = self.folder.path().to_owned();
        for (program, arguments) in [
            ("/usr/sbin/dovecot", vec!["-F".to_owned(), "-c".to_owned(), folder.join("dovecot.conf").display().to_string()]),
            (
                "/usr/sbin/exim4",
                vec!["-bdf".to_owned(), "-q1m".to_owned(), "-C".to_owned(), folder.join("exim.conf").display().to_string()],
            ),
        ] {
            let mut command = if is_root() {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", program]);
                command
            } else {
                Command::new(program)
            };
            let server = command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            self.servers.push(server);
        }
    }

    /// Forgets the numbers of all mails and begins anew, as a restored server does.
    pub(crate) async fn renumber(&mut self, address: &str) {
        let dovecot = &mut self.servers[0];
        Command::new("kill").arg(dovecot.id().to_string()).status().unwrap();
        dovecot.wait().unwrap();
        for file in std::fs::read_dir(self.mailbox(address)).unwrap() {
            let file = file.unwrap();
            if file.file_name().to_string_lossy().starts_with("dovecot") {
                std::fs::remove_file(file.path()).unwrap();
            }
        }
        // The numbers are made from the time: the next second gives others.
        let list = self.mailbox(address).join("dovecot-uidlist");
        let marked = list_with_validity(1_234_567);
        std::fs::write(&list, marked).unwrap();
        own(&list);
        let exim = self.servers.pop().unwrap();
        self.servers.pop();
        self.start();
        let mut unused = self.servers.pop().unwrap();
        let _ = unused.kill();
        let _ = unused.wait();
        self.servers.push(exim);
        wait_for(self.imap).await;
    }

    pub(crate) fn mailbox(&self, address: &str) -> PathBuf {
        self.folder.path().join("mail").join(address)
    }

    /// A door over one of the mailboxes.
    pub(crate) fn door(&self, address: &str) -> ConnectionSettings {
        let base = with_value(settings(ChannelKind::Email), "address", address);
        let base = with_value(base, "imap", json!({"host": "127.0.0.1", "port": self.imap, "username": address, "tls": false}));
        let base = with_value(base, "smtp", json!({"host": "127.0.0.1", "port": self.smtp, "tls": false}));
        with_value(base, "label", "Ergo Chairs")
    }

    /// Posts a mail as any program would.
    pub(crate) async fn post(&self, from: &str, to: &str, mail: &str) {
        let stream = TcpStream::connect(("127.0.0.1", self.smtp)).await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let data = format!("{}\r\n.", mail.replace("\r\n.", "\r\n.."));
        for command in [
            "EHLO test.example".to_owned(),
            format!("MAIL FROM:<{from}>"),
            format!("RCPT TO:<{to}>"),
            "DATA".to_owned(),
            data,
            "QUIT".to_owned(),
        ] {
            stream.get_mut().write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
            loop {
                line.clear();
                stream.read_line(&mut line).await.unwrap();
                if line.as_bytes().get(3) != Some(&b'-') {
                    break;
                }
            }
            assert!(line.starts_with(['2', '3']), "{command:.30}: {line}");
        }
    }

    /// The mails in a mailbox, once there are so many.
    pub(crate) async fn arrived(&self, address: &str, count: usize) -> Vec<String> {
        let began = Instant::now();
        loop {
            let mut all = Vec::new();
            for folder in ["new", "cur"] {
                let Ok(files) = std::fs::read_dir(self.mailbox(address).join(folder)) else { continue };
                all.extend(files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()));
            }
            if all.len() >= count {
                return all;
            }
            assert!(began.elapsed() < PATIENCE, "{address} has {} mails, {}", all.len(), self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("exim/mainlog")).unwrap_or_default()
    }
}

fn list_with_validity(validity: u32) -> String {
    format!("3 V{validity} N1 G0123456789abcdef0123456789abcdef\n")
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout.starts_with(b"0\n")
}

/// Hands a path to the user that the servers run as.
fn own(path: &Path) {
    if is_root() {
        assert!(Command::new("chown").args(["-R", "nobody:nogroup"]).arg(path).status().unwrap().success());
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

async fn wait_for(port: u16) {
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(began.elapsed() < PATIENCE, "nobody listens on {port}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn write_configuration(folder: &Path, imap: u16, smtp: u16) {
    let here = folder.display();
    let (user, group, uid, gid) = if is_root() {
        ("nobody".to_owned(), "nogroup".to_owned(), "65534".to_owned(), "65534".to_owned())
    } else {
        let id = |flags: &str| String::from_utf8(Command::new("id").arg(flags).output().unwrap().stdout).unwrap().trim().to_owned();
        (id("-un"), id("-gn"), id("-u"), id("-g"))
    };
    for name in ["run", "mail", "spool", "exim"] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
    }
    let dovecot = format!(
        "protocols = imap\nlisten = 127.0.0.1\nbase_dir = {here}/run\nstate_dir = {here}/run\nlog_path = {here}/dovecot.log\nssl = no\n\
         disable_plaintext_auth = no\ndefault_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
         first_valid_uid = 1\nmail_location = maildir:{here}/mail/%u\nmail_max_userip_connections = 50\n\
         passdb {{\n driver = passwd-file\n args = scheme=PLAIN {here}/users\n}}\n\
         userdb {{\n driver = static\n args = uid={uid} gid={gid} home={here}/mail/%u\n}}\n\
         service anvil {{\n chroot =\n}}\n\
         service imap-login {{\n chroot =\n inet_listener imap {{\n  port = {imap}\n }}\n inet_listener imaps {{\n  port = 0\n }}\n}}\n"
    );
    std::fs::write(folder.join("dovecot.conf"), dovecot).unwrap();
    let users: String = BOXES.iter().map(|name| format!("{name}:{{PLAIN}}secret\n")).collect();
    std::fs::write(folder.join("users"), users).unwrap();
    let boxes: String = BOXES.iter().map(|name| format!("{name}: x\n")).collect();
    std::fs::write(folder.join("boxes"), boxes).unwrap();
    let exim = format!(
        "exim_user = {user}\nexim_group = {group}\nspool_directory = {here}/spool\nlog_file_path = {here}/exim/%slog\n\
         pid_file_path = {here}/exim.pid\ndaemon_smtp_ports = {smtp}\nlocal_interfaces = 127.0.0.1\nprimary_hostname = mx.shop.test\n\
         never_users =\ntls_advertise_hosts =\nacl_smtp_rcpt = acl_rcpt\nacl_smtp_data = acl_data\nhost_lookup =\nrfc1413_hosts =\n\
         deliver_drop_privilege = true\nkeep_environment =\n\
         begin acl\n\
         acl_rcpt:\n deny message = 5.1.1 no such user\n  local_parts = nobody-here\n\
         \x20defer message = 4.7.1 greylisted, come back later\n  local_parts = greylisted\n accept\n\
         acl_data:\n deny message = 5.7.1 this is spam\n  condition = ${{if match{{$h_subject:}}{{spam}}}}\n accept\n\
         begin routers\nlocal:\n driver = accept\n transport = maildir\n\
         begin transports\nmaildir:\n driver = appendfile\n\
         \x20directory = {here}/mail/${{lookup{{$local_part@$domain}}lsearch,ret=key{{{here}/boxes}}}}\n\
         \x20maildir_format\n create_directory\n delivery_date_add\n envelope_to_add\n return_path_add\n\
         begin retry\n* * F,1h,1m\n"
    );
    std::fs::write(folder.join("exim.conf"), exim).unwrap();
    own(folder);
}
