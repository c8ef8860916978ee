/** Arguments of `setpriv`: nothing that a process may do more than others, and no way to gain it. */
export const dropPrivileges = ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"];

/** The kernel's overflow user, which owns nothing on any machine. */
export const nobody = "65534";

/** For root alone. */
export const becomeNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];
